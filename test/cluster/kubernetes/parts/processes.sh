# The processes of the cluster: pid files, control groups, starting and waiting. Sourced, not run.
# shellcheck shell=bash

# A pid file holds a pid and that process's start time, so that a pid that went
# to another process later is never taken for ours.
started_at() { # nothing for a process that has ended, reaped or not
  sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | awk '$1 != "Z" && $1 != "X" {print $20}'
}
pid_of() { # pid_of NAME: prints the pid if that daemon is alive
  local pid born
  read -r pid born 2>/dev/null <"$RUN/$1.pid" || return 1
  [ -n "$born" ] && [ "$(started_at "$pid")" = "$born" ] && echo "$pid"
}

# The cgroup hierarchies: one for each controller (v1) or a single one (v2).
hierarchies() {
  if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
    echo /sys/fs/cgroup
  else
    local h
    for h in $(awk '$3 ~ /^cgroup/ {print $2}' /proc/mounts | sort -u); do
      [ -e "$h/cgroup.procs" ] && echo "$h"
    done
  fi
}

make_cgroups() {
  local h g n
  for h in $(hierarchies); do
    for g in "$CGROUP" "$CGROUP/system" $(for ((n = 1; n <= NODES; n++)); do echo "$CGROUP/node-$n"; done); do
      mkdir -p "$h/$g"
      if [ -e "$h/$g/cpuset.mems" ] && [ ! -e "$h/cgroup.controllers" ]; then
        cat "$h/cpuset.cpus" >"$h/$g/cpuset.cpus"
        cat "$h/cpuset.mems" >"$h/$g/cpuset.mems"
      fi
    done
  done
}

start() { # start NAME COMMAND...: a daemon
  local name=$1; shift
  pid_of "$name" >/dev/null && return
  (
    local h
    for h in $(hierarchies); do echo "$BASHPID" >"$h/$CGROUP/system/cgroup.procs"; done
    exec setsid nohup "$@" </dev/null >>"$LOG/$name.log" 2>&1 9>&-
  ) &
  echo "$! $(started_at $!)" >"$RUN/$name.pid"
  disown
}

wait_for() { # wait_for SECONDS DAEMON WHAT COMMAND...
  local end=$((SECONDS + $1)) daemon=$2 what=$3; shift 3
  until "$@" >/dev/null 2>&1; do
    if ! pid_of "$daemon" >/dev/null; then
      tail -n 20 "$LOG/$daemon.log" >&2; die "$daemon ended; its log: $LOG/$daemon.log"
    fi
    [ $SECONDS -lt $end ] || die "$what did not come in time; logs are in $LOG"
    sleep 0.2
  done
}
