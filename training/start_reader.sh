#!/usr/bin/env bash
# Renders shards and trains the reader in the background, at the lowest
# priority: one renderer and one torch process with one thread. Start it again
# after any stop: both go on where they were. Nothing is started twice.
#
#   LICTOR_DATA=/path/to/data ./start_reader.sh [RUN] [SAMPLES] [SHARDS]
#
# Works in $LICTOR_TRAINING (default ~/lictor-training), from a copy of the code
# made at the run's first start, so that later edits do not change a run midway.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
export LICTOR_TRAINING="${LICTOR_TRAINING:-$HOME/lictor-training}"
: "${LICTOR_DATA:?set LICTOR_DATA to the data folder}"
export LICTOR_DATA OMP_NUM_THREADS=1 OMP_WAIT_POLICY=passive
run="${1:-reader-4}" samples="${2:-400000}" count="${3:-40}"
folder="$LICTOR_TRAINING/runs/$run"
python="$LICTOR_TRAINING/venv/bin/python"
mkdir -p "$folder"
if [ ! -d "$folder/code" ]; then
    mkdir "$folder/code"
    cp -r "$here/lictor_training" "$here/render_shards.py" "$here/train_reader.py" "$folder/code/"
    [ -f "$here/checkpoints/reader.pt" ] && cp "$here/checkpoints/reader.pt" "$folder/code/start.pt"
fi
cd "$folder/code"
shards="$folder/shards"

start() {   # NAME COMMAND...: unless the process of that name still runs
    local name="$1"; shift
    if [ -f "$folder/$name.pid" ] && kill -0 "$(cat "$folder/$name.pid")" 2>/dev/null; then
        echo "$name runs already (process $(cat "$folder/$name.pid"))"
        return
    fi
    setsid nohup nice -n 19 "$@" >> "$folder/$name.log" 2>&1 < /dev/null &
    echo $! > "$folder/$name.pid"
    echo "$name started (process $!)"
}

start renderer bash -c "'$python' render_shards.py '$shards' --validation && exec '$python' render_shards.py '$shards' --count $count"
start trainer "$python" train_reader.py "$shards" "$folder" --shards "$count" --total "$samples" $([ -f start.pt ] && echo "--from start.pt")
