#!/bin/sh
# What stands in for a peer where none is installed: our own programs, by the words of peer.h. By the
# name of FastAPI's it lacks something; with a file "loses" beside it, it stores elsewhere.
set -eu

case $1 in
versions)
    case $0 in */webhook_fastapi.py) echo "no such module" >&2 && exit 1 ;; esac
    echo "fake 1.0"
    ;;
serve)
    export REELQ_LISTEN="127.0.0.1:$2" REELQ_REDIS_URL="unix://$3" REELQ_ADMIN_LISTEN=off
    export REELQ_CALLBACK_SECRET=the-secret-of-the-benchmark
    [ ! -e "${0%/*}/loses" ] || export REELQ_PREFIX=lost:
    exec reelq-webhook
    ;;
add)
    seq "$2" | sed 's|.*|LPUSH reelq:tasks {"url":"https://example.com/&.mp4","index":[]}|' |
        sed "s/{.*}/'&'/" | redis-cli -s "$3" >/dev/null
    ;;
work)
    # Without an address for callbacks it asks what became of its calls.
    export VIDEO_DB_BASE_URL="http://$2" REELQ_REDIS_URL="unix://$3" REELQ_ADMIN_LISTEN=off
    export VIDEO_DB_API_KEY=sk-bench REELQ_CONCURRENCY=64 REELQ_POLL_INTERVAL=1s
    exec reelq-worker
    ;;
esac
