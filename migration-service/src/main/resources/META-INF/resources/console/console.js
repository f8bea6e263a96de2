const API = '/api/v1/migration';
const PHASES = ['JSON_ONLY', 'DUAL_WRITE', 'DATABASE_READS', 'DATABASE_ONLY'];
const MEANING = {
  JSON_ONLY: 'JSON files only', DUAL_WRITE: 'JSON rules, PostgreSQL follows',
  DATABASE_READS: 'PostgreSQL rules, JSON follows', DATABASE_ONLY: 'PostgreSQL only',
};
const KEY = 'home-budget-token';
const $ = id => document.getElementById(id);
let socket = null;
let pause = 1000;
let lastStatus = null;

/* Everything shown is set as text, never as markup: notes and reasons come from elsewhere. */
function el(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith('on')) node.addEventListener(key.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) node.setAttribute(key, value === true ? '' : value);
  }
  node.append(...children.filter(child => child !== null && child !== undefined));
  return node;
}

/* What an error says: one text, or one message per broken rule. */
function told(problem) {
  return Array.isArray(problem.detail) ? problem.detail.map(fault => fault.msg).join(' ') : problem.detail;
}

async function call(method, path, body) {
  const answer = await fetch(path.startsWith('/api/') ? path : API + path, {
    method,
    headers: { Authorization: 'Bearer ' + sessionStorage.getItem(KEY), ...(body ? { 'Content-Type': 'application/json' } : {}) },
    body: body ? JSON.stringify(body) : undefined,
  });
  const text = await answer.text();
  const json = text && (answer.headers.get('Content-Type') || '').includes('json') ? JSON.parse(text) : {};
  if (answer.status === 401) { askForToken('This token is not known.'); }
  if (!answer.ok) throw Object.assign(new Error(told(json) || answer.statusText || 'status ' + answer.status), { status: answer.status });
  return json;
}

function toast(text) {
  $('toast').textContent = text;
  $('toast').hidden = false;
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => { $('toast').hidden = true; }, 8000);
}

function askForToken(why) {
  sessionStorage.removeItem(KEY);
  if (socket) { socket.onclose = null; socket.close(); socket = null; }
  $('board').hidden = true; $('leave').hidden = true; $('entry').hidden = false;
  $('entry-error').textContent = why || '';
  $('token').focus();
}

$('entry').addEventListener('submit', event => {
  event.preventDefault();
  sessionStorage.setItem(KEY, $('token').value.trim());
  $('token').value = '';
  begin();
});
$('leave').addEventListener('click', () => askForToken(''));

async function begin() {
  try {
    show(await call('GET', '/status'));
  } catch (failure) {
    if (!sessionStorage.getItem(KEY)) return;
    toast(failure.message);
  }
  if (!sessionStorage.getItem(KEY)) return;
  $('entry').hidden = true; $('board').hidden = false; $('leave').hidden = false;
  lists();
  listen();
}

function listen() {
  const scheme = location.protocol === 'https:' ? 'wss://' : 'ws://';
  socket = new WebSocket(scheme + location.host + API + '/live', [sessionStorage.getItem(KEY)]);
  socket.onopen = () => { pause = 1000; $('link').textContent = 'live'; $('link').className = 'on'; };
  socket.onmessage = message => heard(JSON.parse(message.data));
  socket.onclose = () => {
    $('link').textContent = 'not connected, trying again'; $('link').className = '';
    setTimeout(listen, pause); pause = Math.min(pause * 2, 15000);
  };
}

function heard(message) {
  if (message.type === 'state') { show(message.status); lists(); }
  if (message.type === 'progress' && message.run) progress(message.run);
  if (message.type === 'progress' && message.import) imports();
  if (message.type === 'progress' && message.upgrade) upgrade(message.upgrade);
  if (message.type === 'update_available') tables(message.database);
  if (message.type === 'discrepancy') lists();
  if (message.type === 'phase_changed' || message.type === 'complete') { refresh(); lists(); }
  if (message.type === 'complete' && message.upgrade) {
    toast('Update of the tables: ' + message.upgrade.state + (message.upgrade.error ? '. ' + message.upgrade.error : ''));
  }
  if (message.type === 'complete' && message.import) {
    toast(`Import: ${message.import.state}, ${number(message.import.accepted)} accepted, ${number(message.import.rejected)} rejected.` + (message.import.error ? ' ' + message.import.error : ''));
  }
  if (message.type === 'complete' && message.run) {
    toast(message.kind + ' to ' + message.run.target + ': ' + message.run.state + (message.run.error ? '. ' + message.run.error : ''));
  }
}

async function refresh() {
  try { show(await call('GET', '/status')); } catch (failure) { toast(failure.message); }
}

const number = value => value === null || value === undefined ? 'unknown' : value.toLocaleString();
const words = name => name.replaceAll('_', ' ');
const moment = value => value ? new Date(value).toLocaleString() : 'never';

function show(status) {
  lastStatus = status;
  const focused = document.activeElement && document.activeElement.id;
  $('kinds').replaceChildren(...Object.entries(status).map(([kind, state]) => card(kind, state)));
  if (focused && $(focused)) $(focused).focus();
}

function card(kind, state) {
  const here = PHASES.indexOf(state.phase);
  const path = el('ol', { class: 'path', 'aria-label': 'phases of ' + kind }, ...PHASES.map((phase, i) =>
    el('li', { class: i < here ? 'passed' : i === here ? 'here' : '', 'aria-current': i === here ? 'step' : null, title: MEANING[phase] },
      words(phase).toLowerCase())));
  const facts = [
    ['Stands in', state.phase ? MEANING[state.phase] : 'unknown'],
    ['Entries in JSON', number(state.entries.json)],
    ['Entries in PostgreSQL', number(state.entries.postgres)],
    ['Follower', state.follower ? state.follower + (['away', 'needs_backfill', 'backfilling'].includes(state.follower_state) ? ', ' + words(state.follower_state) : '') + `, ${number(state.follower_lag)} changes behind` : 'none'],
    ...Object.entries(state.stores || {}).filter(([, how]) => !['connected', 'unused', 'closed', 'not_configured'].includes(how)).map(([store, how]) => [store === 'json' ? 'JSON files' : 'PostgreSQL', el('span', { class: 'bad' }, how)]),
    ['Not yet published', number(state.publish_backlog)],
    ['Rejected records', number(state.rejected)],
    ['Open differences', number(state.discrepancies_open)],
    ['Verified', moment(state.verified_at)],
    ['One phase back', (state.rollback_ready.ready ? 'possible. ' : 'not possible. ') + (state.rollback_ready.reason || '')],
  ];
  const blocked = state.blocked_by.length
    ? el('ul', { class: 'blocks' }, ...state.blocked_by.map(gate => el('li', {}, gate.reason, el('small', {}, gate.advice || ''))))
    : el('p', { class: 'none' }, state.next_phase ? 'Nothing.' : 'There is no further phase.');
  const back = here > 0 ? PHASES[here - 1] : null;
  return el('section', { 'aria-labelledby': 'title-' + kind },
    el('h2', { id: 'title-' + kind }, kind === 'expense' ? 'Expenses' : 'Incomes'),
    state.reason ? el('p', { class: 'bad', role: 'alert' }, state.reason) : null,
    path,
    el('dl', {}, ...facts.flatMap(([name, value]) => [el('dt', {}, name), el('dd', {}, value)])),
    el('h3', {}, state.next_phase ? 'What blocks ' + state.next_phase : 'What blocks the next step'), blocked,
    el('div', { id: 'progress-' + kind }),
    el('p', { class: 'buttons' },
      state.next_phase ? el('button', { id: 'forward-' + kind, class: 'act', disabled: state.blocked_by.length > 0, onclick: () => forward(kind, state) }, 'Go to ' + state.next_phase) : null,
      state.next_phase ? el('button', { id: 'dry-' + kind, onclick: () => dryRun(kind, state.next_phase) }, 'Dry run') : null,
      el('button', { id: 'verify-' + kind, onclick: () => act(() => call('POST', '/verifications', { kind }), 'Verification started.') }, 'Verify now'),
      back && state.rollback_ready.blocker !== 'closed' ? el('button', { id: 'back-' + kind, onclick: () => rollback(kind, state, back) }, 'Back to ' + back) : null,
      state.phase === 'DATABASE_ONLY' && state.rollback_ready.blocker !== 'closed' ? el('button', { id: 'close-' + kind, class: 'danger', onclick: () => closeWayBack(kind) }, 'Close the way back') : null));
}

async function act(work, said) {
  try { await work(); toast(said); refresh(); lists(); } catch (failure) { toast(failure.message); }
}

function confirmThen(title, lines, consent, loss) {
  const dialog = $('confirm');
  $('confirm-title').textContent = title;
  $('confirm-text').replaceChildren(...lines.map(line => el('p', {}, line)));
  $('confirm-consent-text').textContent = consent;
  $('confirm-consent').checked = false; $('confirm-loss').checked = false; $('confirm-reason').value = '';
  $('confirm-loss-row').hidden = !loss;
  const check = () => { $('confirm-yes').disabled = !$('confirm-consent').checked || (loss && !$('confirm-loss').checked); };
  $('confirm-consent').onchange = check; $('confirm-loss').onchange = check; check();
  dialog.returnValue = 'no';
  dialog.showModal();
  return new Promise(resolve => {
    dialog.onclose = () => resolve(dialog.returnValue === 'yes'
      ? { reason: $('confirm-reason').value, accept_loss: $('confirm-loss').checked } : null);
  });
}

async function forward(kind, state) {
  const yes = await confirmThen(`Take ${kind} to ${state.next_phase}?`,
    [`Now: ${MEANING[state.phase]}. Then: ${MEANING[state.next_phase]}.`, 'Writers are held for at most a second. You can cancel the run, which goes back to where it stood.'],
    'I want this.', false);
  if (yes) act(() => call('POST', '/runs', { kind, target: state.next_phase, consent: true, reason: yes.reason }), 'The run has started.');
}

async function rollback(kind, state, back) {
  /* From DATABASE_ONLY the first step back still needs PostgreSQL, whatever is accepted. */
  const loss = !state.rollback_ready.ready && state.phase === 'DATABASE_READS';
  const yes = await confirmThen(`Take ${kind} back to ${back}?`,
    [`Now: ${MEANING[state.phase]}. Then: ${MEANING[back]}.`, state.rollback_ready.reason || ''], 'I want to go back.', loss);
  if (yes) act(() => call('POST', '/rollback', { kind, consent: true, accept_loss: yes.accept_loss, reason: yes.reason }), 'Going back.');
}

async function closeWayBack(kind) {
  const yes = await confirmThen(`Close the way back of ${kind}?`,
    ['The JSON files are archived, compared with the archive, and deleted. After that this ledger cannot go back to JSON any more.'],
    'I want to give up the way back for good, also before the rollback window is over.', false);
  if (yes) act(() => call('POST', '/close-way-back', { kind, consent: true, early: true, reason: yes.reason }), 'The way back is closed.');
}

async function dryRun(kind, target) {
  try {
    const { id } = await call('POST', '/runs', { kind, target, dry_run: true });
    const { forecast } = await call('GET', '/runs/' + id);
    toast(`${kind} to ${target} would take about ${forecast.seconds} s for ${number(forecast.entries)} entries (${forecast.based_on}). Nothing was changed.`);
    lists();
  } catch (failure) { toast(failure.message); }
}

function progress(run) {
  const place = $('progress-' + run.kind);
  if (!place) return;
  const current = run.steps.find(step => step.state === 'running') || run.steps.find(step => step.state === 'pending');
  place.replaceChildren(
    el('h3', {}, 'Going to ' + run.target),
    el('progress', { max: 100, value: run.percent, 'aria-label': 'progress of the run' }),
    el('p', { class: run.waiting_for ? 'wait' : 'none' },
      `${run.percent} %` + (current ? `, ${words(current.name)}` : '') +
      (!run.total ? '' : current && current.name === 'snapshot' ? ` (${number(run.done)} % of it)` : `, ${number(run.done)} of ${number(run.total)}`) +
      (run.eta_seconds ? `, about ${run.eta_seconds} s to go` : '') +
      (run.waiting_for ? `. Waiting: ${run.waiting_for}` : '')),
    el('button', { onclick: () => cancel(run) }, 'Cancel'));
}

async function cancel(run) {
  const yes = await confirmThen('Cancel this run?', [`${run.kind} goes back to ${run.from}.`], 'I want to cancel.', false);
  if (yes) act(() => call('POST', `/runs/${run.id}/cancel`), 'Cancelling.');
}

const mark = { done: ['✓', 'good'], skipped: ['–', ''], failed: ['✗', 'bad'], cancelled: ['✗', 'wait'], running: ['▸', 'wait'], pending: ['·', ''] };

async function lists() {
  try {
    const runs = (await call('GET', '/runs?limit=20')).items;
    for (const kind of ['expense', 'income']) {
      const active = runs.find(run => run.kind === kind && (run.state === 'running' || run.state === 'queued'));
      if (active) progress(active); else if ($('progress-' + kind)) $('progress-' + kind).replaceChildren();
    }
    const opened = new Set([...$('runs').querySelectorAll('details[open]')].map(node => node.id));
    $('runs').replaceChildren(...(runs.length ? runs.map(run => runRow(run, opened)) : [el('p', { class: 'none' }, 'None yet.')]));
    const found = (await call('GET', '/discrepancies?state=open&limit=50')).items;
    $('differences').replaceChildren(found.length ? differences(found) : el('p', { class: 'none' }, 'None.'));
    await Promise.all([imports(), snapshots(), tables()]);
  } catch (failure) {
    $('runs').replaceChildren(el('p', { class: 'wait' }, failure.message));
  }
}

function runRow(run, opened) {
  const how = { succeeded: 'good', failed: 'bad', cancelled: 'wait' }[run.state] || 'wait';
  return el('details', { id: 'run-' + run.id, open: opened.has('run-' + run.id) },
    el('summary', {}, `${run.kind}: ${run.from} → ${run.target} `, el('span', { class: how }, run.state + (run.dry_run ? ' (dry run)' : '')), ` ${moment(run.created_at)}`),
    run.error ? el('p', { class: how }, run.error) : null,
    run.archive ? el('p', {}, 'Archive of the JSON files: ' + run.archive) : null,
    el('ol', { class: 'steps' }, ...run.steps.map(step => el('li', {},
      el('span', { class: mark[step.state][1], 'aria-label': step.state }, mark[step.state][0]),
      el('span', {}, words(step.name)), el('span', {}, step.seconds.toFixed(2) + ' s'), el('small', {}, step.detail || '')))));
}

function differences(found) {
  const all = [...new Set(found.map(one => one.kind))];
  return el('div', {}, table('open differences', ['Kind', 'Entry', 'Type', 'In JSON', 'In PostgreSQL', 'Damaged', 'Cause', ''], found.map(one => [
    one.kind, one.entry_id, one.type, side(one, one.json), side(one, one.postgres), one.damaged, one.cause || 'not known',
    el('span', { class: 'buttons' },
      el('button', { onclick: () => settle(one, 'repair') }, 'Repair'),
      el('button', { onclick: () => settle(one, 'dismiss') }, 'Dismiss'))])),
  found.length > 1 ? el('p', { class: 'buttons' }, ...all.map(kind => el('button', { onclick: () => repairAll(kind) }, `Repair all of ${kind}`))) : null);
}

/* What a store holds of the fields that differ, or of the whole entry where one store has none. */
function side(one, image) {
  if (!image || image.deleted || !image.values) return image && image.deleted ? 'deleted' : 'no such entry';
  const shown = Object.entries(image.values).map(([name, value]) => name === 'cents' ? ['amount', (value / 100).toFixed(2)] : [name, value === null ? 'null' : value === '' ? '""' : value]);
  return shown.filter(([name, value]) => one.fields && one.fields.length ? one.fields.includes(name) : value !== 'null').map(([name, value]) => `${name} ${value}`).join(', ')
    + (one.type === 'stale' ? ` (version ${image.version})` : '');
}

async function repairAll(kind) {
  const yes = await confirmThen(`Repair all open differences of ${kind}?`,
    ['The damaged side of each is given what its last change recorded, where it is still what was seen. Rows that no change made go.'], 'I want this.', false);
  if (yes) act(() => call('POST', '/discrepancies/repair', { kind, reason: yes.reason }), 'The repair has started.');
}

function table(label, heads, rows) {
  return el('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': label }, el('table', {},
    el('thead', {}, el('tr', {}, ...heads.map(name => el('th', { scope: 'col' }, name)))),
    el('tbody', {}, ...rows.map(row => el('tr', {}, ...row.map(cell => el('td', {}, cell instanceof Node ? cell : String(cell))))))));
}

async function settle(one, how) {
  const text = how === 'repair'
    ? `The ${one.damaged} side of entry ${one.entry_id} is given what its last change recorded, if it is still what was seen.`
    : `Entry ${one.entry_id} stays as it is in both stores, and the difference is closed.`;
  const yes = await confirmThen(how === 'repair' ? 'Repair this difference?' : 'Dismiss this difference?', [text], 'I want this.', false);
  if (yes) act(() => call('POST', `/discrepancies/${one.id}/${how}`, { reason: yes.reason }), how === 'repair' ? 'The repair has started.' : 'Dismissed.');
}

/* ---- snapshots: backup-service answers, through the front door ---- */

async function snapshots() {
  const place = $('snapshots');
  try {
    const found = (await call('GET', '/api/v1/backups?limit=20')).items;
    $('snapshot-make').disabled = false;
    place.replaceChildren(found.length
      ? table('snapshots', ['Made', 'Why', 'Phase', 'Entries', 'Bytes', 'Verified', ''], found.map(one => [
        moment(one.created_at), (one.reason || 'unknown') + (one.pinned ? ', pinned' : ''),
        one.phase ? Object.entries(one.phase).map(([kind, phase]) => `${kind} ${phase}`).join(', ') : 'unknown',
        number(one.entries), number(one.bytes), standing(one),
        el('span', { class: 'buttons' },
          el('button', { onclick: () => act(() => call('POST', `/api/v1/backups/${one.id}/verify`, {}), 'The snapshot is being verified.') }, 'Verify'),
          el('button', { class: 'danger', onclick: () => restore(one) }, 'Restore'))]))
      : el('p', { class: 'none' }, 'None yet.'));
  } catch (failure) {
    $('snapshot-make').disabled = true;
    const why = { 404: 'Snapshots are shown where the console is opened through the front door.', 501: 'backup-service does not make snapshots yet.' };
    place.replaceChildren(el('p', { class: 'none' }, why[failure.status] || 'backup-service does not answer: ' + failure.message));
  }
}

/* Whether a restore may rest on it; one that is only elsewhere is fetched and proven before. */
function standing(one) {
  if (!one.local) return 'only elsewhere';
  if (one.ok === false) return el('span', { class: 'bad' }, 'damaged: ' + one.problems.join(' '));
  return moment(one.verified_at) + (one.complete === false ? ', without the follower' : '');
}

async function restore(one) {
  const yes = await confirmThen(`Restore the snapshot of ${moment(one.created_at)}?`,
    ['Both kinds go back to what they were then. What was written since is undone, by changes that are kept in the history. A safety snapshot is made first.'],
    'I want to undo what was written since.', false);
  if (yes) act(() => call('POST', `/api/v1/backups/${one.id}/restore`, { consent: true, store: 'both', kind: 'all', reason: yes.reason }), 'The restore has started.');
}
$('snapshot-make').addEventListener('click', () => act(() => call('POST', '/api/v1/backups', { reason: 'manual' }), 'The snapshot is being made.'));

/* ---- imports ---- */

async function imports() {
  const found = (await call('GET', '/imports?limit=10')).items;
  $('imports').replaceChildren(found.length
    ? table('imports', ['Begun', 'Into', 'State', 'Done', 'Accepted', 'Rejected', 'New ids', ''], found.map(one => [
      moment(one.created_at), one.kind, one.state + (one.error ? ': ' + one.error : one.waiting_for ? ', waiting: ' + one.waiting_for : ''), one.percent + ' %',
      number(one.accepted), number(one.rejected), number(one.renumbered),
      el('span', { class: 'buttons' },
        one.rejected ? el('button', { onclick: () => download(`/imports/${one.id}/rejects`, one.id + '.rejects.ndjson') }, 'Rejects') : null,
        one.renumbered ? el('button', { onclick: () => download(`/imports/${one.id}/renumbered`, one.id + '.renumbered.ndjson') }, 'New ids') : null,
        one.state === 'failed' ? el('button', { onclick: () => act(() => call('POST', `/imports/${one.id}/resume`), 'It goes on.') }, 'Go on') : null,
        ['queued', 'running'].includes(one.state) ? el('button', { onclick: () => act(() => call('POST', `/imports/${one.id}/cancel`), 'Cancelling.') }, 'Cancel') : null)]))
    : el('p', { class: 'none' }, 'None yet.'));
}

/* A link cannot carry the token. */
async function download(path, name) {
  const answer = await fetch(API + path, { headers: { Authorization: 'Bearer ' + sessionStorage.getItem(KEY) } });
  if (!answer.ok) { toast('The file cannot be had: ' + answer.statusText); return; }
  const link = el('a', { href: URL.createObjectURL(await answer.blob()), download: name });
  link.click();
  URL.revokeObjectURL(link.href);
}

$('import-form').addEventListener('submit', async event => {
  event.preventDefault();
  const file = $('import-file').files[0];
  const kind = $('import-kind').value;
  const yes = await confirmThen(`Import ${file.name} into the ${kind}s?`,
    [`${number(file.size)} bytes. Records that break a rule come back as rejects; the others are written at once.`], 'I want this.', false);
  if (!yes) return;
  act(async () => {
    const answer = await fetch(`${API}/imports?kind=${kind}&reason=${encodeURIComponent(yes.reason)}`, {
      method: 'POST', body: file,
      headers: { Authorization: 'Bearer ' + sessionStorage.getItem(KEY), 'Content-Type': file.name.endsWith('.csv') ? 'text/csv' : 'application/json' },
    });
    if (!answer.ok) throw new Error(told(await answer.json()) || answer.statusText);
    $('import-form').reset();
  }, 'The import has started.');
});

/* ---- tables ---- */

async function tables(told) {
  const state = told || await call('GET', '/api/database/status');
  $('update').hidden = !state.needs_update;
  if (state.needs_update) {
    $('update-text').replaceChildren(el('p', {}, `Now: ${state.current_version}. Then: ${state.target_version}.`),
      el('ul', {}, ...state.pending_migrations.map(step => el('li', {}, `${step.service} ${step.version}: ${step.description}`))));
  }
  $('tables').replaceChildren(table('tables', ['Service', 'Version', 'Newest', 'State'], (state.services || []).map(one => [
    one.service, one.current_version || 'none', one.target_version || 'unknown',
    one.error ? 'not known: ' + one.error : one.needs_update ? (one.runs_on_safely ? 'an update waits, it runs on safely' : 'must be updated') : 'current'])));
}

function upgrade(job) {
  const current = job.steps.find(step => step.state === 'running');
  $('update-text').replaceChildren(el('progress', { max: 100, value: job.percent, 'aria-label': 'progress of the update' }),
    el('p', { class: 'none' }, `${job.percent} %` + (current ? ', ' + current.name : '')));
}

$('update-look').addEventListener('click', async () => {
  try {
    $('update-sql').textContent = (await call('GET', '/api/database/preview')).sql;
    $('update-sql').hidden = false;
  } catch (failure) { toast(failure.message); }
});
$('update-yes').addEventListener('click', async () => {
  try {
    const safety = await call('GET', '/api/database/safety');
    const blocking = safety.checks.filter(check => !check.ok);
    if (blocking.length) { toast(blocking.map(check => check.reason + ' ' + check.advice).join(' ')); return; }
    const yes = await confirmThen('Update the tables?', ['It is safe now. A snapshot is made first where backup-service offers it; what fails is taken back.'], 'I want this.', false);
    if (yes) act(() => call('POST', '/api/database/update', { confirm: true, reason: yes.reason }), 'The update has started.');
  } catch (failure) { toast(failure.message); }
});

if (sessionStorage.getItem(KEY)) begin(); else askForToken('');
/* Lag and counts move without messages; a calm refresh keeps them true. */
setInterval(() => { if (sessionStorage.getItem(KEY) && !document.hidden && !$('confirm').open) refresh().then(lists); }, 5000);
