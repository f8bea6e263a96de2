package io.homebudget.backup.api;

import io.homebudget.backup.catalogue.Listed;
import io.homebudget.backup.format.Manifest;
import io.homebudget.backup.format.SnapshotId;
import io.homebudget.backup.format.SnapshotJson;
import io.homebudget.backup.format.StoreImage;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A snapshot as the API shows it. */
final class SnapshotView {
    private SnapshotView() {}

    /** As in the list. {@code entries} are those of the stores that ruled; {@code phase} and {@code counts} are by kind. */
    static Map<String, Object> brief(Listed listed, Boolean remote) {
        Manifest manifest = listed.manifest();
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("id", listed.id().text());
        view.put("created_at", manifest == null ? null : manifest.createdAt());
        view.put("reason", manifest == null ? null : manifest.reason().word());
        view.put("phase", manifest == null ? null : phases(manifest));
        view.put("entries", manifest == null ? null : manifest.entries());
        view.put("bytes", manifest == null ? null : manifest.bytes());
        view.put("verified_at", listed.state().verifiedAt());
        view.put("pinned", listed.state().pinned());
        view.put("ok", listed.flaw() == null && listed.state().ok());
        view.put(
                "problems",
                listed.flaw() == null
                        ? listed.state().problems()
                        : List.of(listed.flaw().toString()));
        view.put("complete", manifest != null && manifest.complete());
        view.put("local", true);
        view.put("remote", remote);
        return view;
    }

    /**
     * As in the list, of one that is only elsewhere: what its name and its mark tell, without fetching anything.
     *
     * @param pinned null where it cannot be known now
     */
    static Map<String, Object> elsewhere(SnapshotId id, Boolean pinned) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("id", id.text());
        // whoever asks how far back recoveries may begin must not overlook it (A28)
        view.put("created_at", id.begun());
        view.put("pinned", pinned);
        view.put("local", false);
        view.put("remote", true);
        return view;
    }

    static Map<String, Object> whole(Listed listed, Boolean remote) {
        Map<String, Object> view = brief(listed, remote);
        if (listed.manifest() != null) {
            view.put("checked_at", listed.state().checkedAt());
            // by its own rules, so that it reads here as in its file
            view.put("manifest", SnapshotJson.MAPPER.valueToTree(listed.manifest()));
        }
        return view;
    }

    private static Map<String, Object> phases(Manifest manifest) {
        Map<String, Object> phases = new TreeMap<>();
        for (StoreImage image : manifest.images()) {
            phases.put(image.kind().word(), image.phase().name());
        }
        return phases;
    }
}
