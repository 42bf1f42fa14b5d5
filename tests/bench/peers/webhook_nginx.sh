#!/bin/sh
# The limit: nginx reads the request and answers, and stores nothing.
# webhook_nginx.sh versions | serve PORT
set -eu

PATH=$PATH:/usr/sbin
if [ "$1" = versions ]; then
    version=$(nginx -v 2>&1)
    echo "nginx ${version##*/}"
    exit
fi

# One process, so that its costs are all there are.
cat >"$TMPDIR/nginx.conf" <<EOF
daemon off;
master_process off;
pid $TMPDIR/nginx.pid;
events {
    worker_connections 1024;
}
http {
    access_log off;
    keepalive_requests 1000000000;
    client_body_temp_path $TMPDIR;
    default_type application/json;
    server {
        listen 127.0.0.1:$2;
        location = /webhooks/upload {
            return 200 '{"status":"ok"}';
        }
    }
}
EOF
exec nginx -e stderr -c "$TMPDIR/nginx.conf"
