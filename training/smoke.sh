#!/usr/bin/env bash
# A quick run through everything, a few minutes on one core: renders one small
# shard, trains the reader a few steps, stops, goes on, exports. It shows that
# the parts fit together; the weights are worthless.
#
#   LICTOR_DATA=/path/to/data ./smoke.sh
set -euo pipefail
cd "$(dirname "$0")"
python="${LICTOR_TRAINING:-$HOME/lictor-training}/venv/bin/python"
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
export OMP_NUM_THREADS=1 OMP_WAIT_POLICY=passive
"$python" render_shards.py "$folder/shards" --count 1
"$python" train_reader.py "$folder/shards" "$folder/run" --shards 1 --batch 16 --total 160
"$python" train_reader.py "$folder/shards" "$folder/run" --shards 1 --batch 16 --total 240 | grep 'going on at step 10'
"$python" export.py reader "$folder/run/checkpoint.pt" "$folder/reader.onnx"
"$python" evaluate.py samples ../samples
echo "1 passed, 0 failed"
