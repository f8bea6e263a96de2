# Sourced by up and ctl: finds the tools, builds what is missing or older than its sources. POSIX tools only.

fail() {
  printf '%s\n' "$*" >&2
  exit 1
}

find_java() {
  if [ -n "${JAVA_HOME:-}" ] && [ -x "$JAVA_HOME/bin/java" ]; then
    JAVA=$JAVA_HOME/bin/java
  else
    JAVA=$(command -v java || true)
  fi
  [ -n "$JAVA" ] || fail "No Java found. Install a JDK 17 or newer (Debian: apt install openjdk-17-jdk) or set JAVA_HOME."
  JAVA_VERSION=$("$JAVA" -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p' | head -n 1)
  case $JAVA_VERSION in
    ''|*[!0-9]*) fail "The version of $JAVA cannot be read. Set JAVA_HOME to a JDK 17 or newer." ;;
  esac
  [ "$JAVA_VERSION" -ge 17 ] || fail "$JAVA is version $JAVA_VERSION; a JDK 17 or newer is needed. Set JAVA_HOME to one."
}

# stale ARTIFACT SOURCE...: is the artifact missing or older than something it is made from?
stale() {
  artifact=$1
  shift
  [ -e "$artifact" ] || return 0
  for source in "$@"; do
    [ -e "$source" ] || continue
    [ -z "$(find "$source" -type f -newer "$artifact" 2>/dev/null | head -n 1)" ] || return 0
  done
  return 1
}

# find_stale MODULE...: sets stale_modules, parted by commas
find_stale() {
  stale_modules=
  for module in "$@"; do
    case $module in
      deploy/local) artifact=$ROOT/deploy/local/target/deploy-local.jar ;;
      *) artifact=$ROOT/$module/target/quarkus-app/quarkus-run.jar ;;
    esac
    set -- "$ROOT/pom.xml" "$ROOT/ledger-contract/pom.xml" "$ROOT/ledger-contract/src/main" \
      "$ROOT/$module/pom.xml" "$ROOT/$module/src/main"
    case $module in
      expense-service|income-service) set -- "$@" "$ROOT/ledger-storage/pom.xml" "$ROOT/ledger-storage/src/main" ;;
    esac
    if stale "$artifact" "$@"; then
      stale_modules=$stale_modules${stale_modules:+,}$module
    fi
  done
}

# build MODULE...: one Maven call for all that are stale
build() {
  find_stale "$@"
  [ -n "$stale_modules" ] || return 0
  command -v mvn >/dev/null 2>&1 || fail "No mvn found. Install Maven 3.8 or newer (Debian: apt install maven); needed to build $stale_modules."
  command -v javac >/dev/null 2>&1 || [ -x "$(dirname "$JAVA")/javac" ] ||
    fail "Java is there, but no compiler. Install the JDK, not only the runtime (Debian: apt install openjdk-17-jdk)."
  echo "building $stale_modules" >&2
  (cd "$ROOT" && mvn -q -DskipTests -pl "$stale_modules" -am package) >&2 ||
    fail "The build failed; what is above says why. Run it again by hand: mvn -DskipTests -pl $stale_modules -am package"
  # Maven leaves what did not change untouched; it is up to date all the same
  for module in $(echo "$stale_modules" | tr ',' ' '); do
    case $module in
      deploy/local) touch "$ROOT/deploy/local/target/deploy-local.jar" ;;
      *) touch "$ROOT/$module/target/quarkus-app/quarkus-run.jar" ;;
    esac
  done
}

# is the lock held by a build that is gone?
left_behind() {
  holder=$(cat "$lock/pid" 2>/dev/null || true)
  [ -n "$holder" ] && ! kill -0 "$holder" 2>/dev/null
}

# waits a second for whoever holds the lock; $waited counts them
wait_a_second() {
  [ "$waited" -gt 0 ] || echo "waiting for another build (process ${holder:-unknown})" >&2
  waited=$((waited + 1))
  [ "$waited" -lt 900 ] || fail "Another build holds $lock for 15 minutes. If none runs, remove that folder."
  sleep 1
}

# What another build is just writing must not be used yet. Builds nothing.
await_build() {
  lock=$ROOT/deploy/local/.build-lock
  waited=0
  while [ -d "$lock" ] && ! left_behind; do
    wait_a_second
  done
}

# Two starts at once must not build into the same folders.
locked_build() {
  find_stale "$@"
  [ -n "$stale_modules" ] || return 0
  lock=$ROOT/deploy/local/.build-lock
  waited=0
  until mkdir "$lock" 2>/dev/null; do
    if left_behind; then
      rm -rf "$lock"
      continue
    fi
    wait_a_second
  done
  echo $$ > "$lock/pid"
  trap 'rm -rf "$lock"' EXIT
  trap 'exit 130' INT TERM
  build "$@"
  rm -rf "$lock"
  trap - EXIT INT TERM
}

# run_java MAIN ARGUMENT...
run_java() {
  main=$1
  shift
  terminal=false
  [ ! -t 1 ] || terminal=true
  # a script's background job starts with SIGINT ignored, which a JVM then leaves so; where env can, give it back
  prefix=
  ! env --default-signal=INT true 2>/dev/null || prefix="env --default-signal=INT"
  exec $prefix "$JAVA" -XX:+UseSerialGC -Xmx128m -XX:TieredStopAtLevel=1 -Dhomebudget.root="$ROOT" \
    -Dhomebudget.terminal=$terminal ${HOME_BUDGET_JAVA_OPTIONS:-} -cp "$ROOT/deploy/local/target/deploy-local.jar" "$main" "$@"
}
