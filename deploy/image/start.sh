#!/bin/sh
# Commands of the container:
#   lab PARTY   starts JupyterLab on PARTY's notebook, at PORT; prints a link, with a new token at every start
#   run PARTY   executes PARTY's notebook and exits 0 if its values are as expected
#   keys        makes the keys of both parties of the demo, and of a dealer, and pairs them, in /all
#   health      exits 0 if JupyterLab answers
# Any other command is run unchanged: spdzlab keygen, spdzlab dealer, sh.
set -eu

# Print the public line that a party, or the dealer, gives to the others.
line() { SPDZ_CONFIG=/all/$1 spdzlab pair | grep -m 1 '^spdzlab-key-'; }
dealer() { command=$1 && shift && spdzlab "$command" --party dealer --keys /all/dealer "$@"; }

make_keys() {
  umask 077
  for party in model-owner data-owner; do
    [ -f "/all/$party/key.json" ] || SPDZ_CONFIG=/all/$party spdzlab keygen > /dev/null
  done
  [ -f /all/dealer/key.json ] || dealer keygen > /dev/null
  model=$(line model-owner)
  data=$(line data-owner)
  SPDZ_CONFIG=/all/model-owner spdzlab pair "$data" > /dev/null
  SPDZ_CONFIG=/all/data-owner spdzlab pair "$model" > /dev/null
  dealer pair "$model" > /dev/null
  dealt=$(dealer pair "$data" | grep -m 1 '^spdzlab-key-')
  SPDZ_CONFIG=/all/model-owner spdzlab pair --dealer "$dealt" > /dev/null
  SPDZ_CONFIG=/all/data-owner spdzlab pair --dealer "$dealt" > /dev/null
  echo "Both parties have keys and each other's public key; the dealer is paired with both, if you want to use one."
}

# Copy the notebook to the party's volume, where it can be changed and kept.
own_notebook() {
  export PARTY="$1"
  [ -f "/notebooks/$PARTY.ipynb" ] || cp "/opt/spdzlab/notebooks/$PARTY.ipynb" /notebooks/
}

# Ask JupyterLab for an answer, at its address and under the name that the browser uses.
answers() {
  node -e "
    const host = process.env.LAB_HOST || '127.0.0.1';
    const options = { host, port: process.env.PORT, path: '/api', headers: { host: 'localhost' } };
    const answer = (response) => process.exit(response.statusCode === 200 ? 0 : 1);
    require('node:http').get(options, answer).on('error', () => process.exit(1));
  "
}

show_link() {
  until answers; do sleep 0.2; done
  echo "$PARTY: http://127.0.0.1:$PORT/lab/tree/$PARTY.ipynb?token=$JUPYTER_TOKEN"
}

# Run a command. When the container must stop, signal all processes at once; kernels then say goodbye to the other
# party. Kill the command if it still runs after a second. Then exit with $stopped.
supervise() {
  "$@" &
  main=$!
  trap stop TERM INT
  wait "$main"
}

stop() {
  kill -TERM -1
  { sleep 1; kill -KILL "$main"; } &
  wait "$main" || true
  exit "$stopped"
}

case "${1:-}" in
  lab)
    own_notebook "$2"
    : "${JUPYTER_TOKEN:=$(node -p 'crypto.randomBytes(24).toString("hex")')}"
    export JUPYTER_TOKEN
    show_link &
    stopped=0
    supervise jupyter-lab
    ;;
  run)
    stopped=143
    supervise python3 /opt/spdzlab/scripts/replay/alone.py "/opt/spdzlab/notebooks/$2.ipynb"
    ;;
  keys) make_keys ;;
  health) answers ;;
  *) exec "$@" ;;
esac
