# compose_checks.sh - what docker-compose.yml promises, a function each. To be sourced by
# scripts/compose-test, whose tools they use.

# ---- Secrets, rights, health --------------------------------------------------------------------

without_a_key() {
    local said
    engine_start own
    sed "s,^VIDEO_DB_API_KEY_FILE=.*,VIDEO_DB_API_KEY_FILE=$directory/no-key," \
        "$directory/settings" >"$directory/settings-no-key"
    settings=$directory/settings-no-key
    ! compose up --no-build --detach redis || fail "it starts without an API key"
    said=$(compose logs setup 2>&1 || true)
    compose down --volumes --timeout 1
    unset settings
    # Some engines make a folder in place of a file that is not there; others refuse.
    grep -q "API key" <<<"$said" || grep -q "no-key" "$log" || fail "it does not say that the key is missing"
}

show_a_batch() {
    local id
    id=$(docker ps --all --quiet --filter label=com.docker.compose.service=submitter)
    [ "$(docker wait "$id")" = 0 ] || { docker logs "$id"; fail "the submitter has failed"; }
    docker logs "$id" >"$directory/submitter" 2>&1
    cat "$directory/submitter"
    grep -q '^17 ready, 3 failed, in ' "$directory/submitter" || fail "not 17 of 20 are ready"
    grep -q '^\[.*\] [0-9]*/20 ' "$directory/submitter" || fail "it shows no progress"
}

is_healthy() {
    local id
    for id in $(containers redis) $(containers webhook) $(containers worker); do
        [ "$(docker inspect --format '{{.State.Health.Status}}' "$id")" = healthy ] || return
    done
}

healthy_and_locked_up() {
    local id name
    wait_until "healthy containers" is_healthy
    for name in redis webhook worker sandbox caddy; do
        id=$(containers $name)
        [ -n "$id" ] || fail "$name does not run"
        [ "$(docker inspect --format '{{.Config.User}} {{.HostConfig.ReadonlyRootfs}} {{.HostConfig.CapDrop}}' \
            "$id")" = "10001:10001 true [ALL]" ] || fail "$name is not locked up"
        [ "$(docker exec "$id" id -u)" = 10001 ] || fail "$name runs as another user"
        ! docker exec "$id" touch /usr/written || fail "$name can write"
        grep -q '^NoNewPrivs:.*1' <<<"$(docker exec "$id" cat /proc/1/status)" ||
            fail "$name can get new privileges"
    done
    # A process that stands still is found out, and one that goes on is well again.
    id=$(containers webhook)
    docker exec "$id" reelq-webhook --healthcheck
    docker kill --signal STOP "$id"
    ! docker exec "$id" reelq-webhook --healthcheck || fail "a webhook that hangs counts as healthy"
    docker kill --signal CONT "$id"
    docker exec "$id" reelq-webhook --healthcheck
}

admin_token() {
    docker exec "$(containers webhook)" cat /run/reelq/admin-token
}

secrets_stay_secret() {
    local ids secret token users
    users=$(for folder in redis webhook worker; do
        docker exec "$(containers $folder)" sh -c 'cat /run/reelq/redis-url /run/reelq/operator-password 2>/dev/null' || true
    done)
    token=$(admin_token)
    mapfile -t secrets < <(printf '%s\n' "$users" | grep -oE '[0-9a-f]{64}' && printf '%s\n' "$key" "$token")
    [ ${#secrets[@]} = 5 ] || fail "${#secrets[@]} secrets, not 5"
    mapfile -t ids < <(docker ps --all --quiet)
    docker inspect "${ids[@]}" >"$directory/inspected"
    compose logs >"$directory/logs" 2>&1
    for secret in "${secrets[@]}"; do
        ! grep -q "$secret" "$directory/inspected" "$directory/logs" || fail "a secret shows"
    done
    docker exec "$(containers worker)" grep -q "$key" /run/reelq/api-key
    ! docker exec "$(containers webhook)" ls /run/reelq/api-key || fail "the webhook has the API key"
    ! redis SET reelq:callback-secret x | grep -q OK || fail "the operator may set the secret"
    ! docker exec "$(containers redis)" redis-cli LLEN reelq:tasks | grep -q '^[0-9]' ||
        fail "Redis lets in who has no password"
}

admin_on_loopback() {
    docker port "$(containers webhook)"
    [ "$(docker port "$(containers webhook)" 9090)" = 127.0.0.1:9090 ] || fail "the admin listener is public"
    in_engine_network curl -sS --fail http://127.0.0.1:9090/readyz
    [ -z "$(docker port "$(containers worker | head -n 1)")" ] || fail "a worker's port is published"
    [ -z "$(docker port "$(containers redis)")" ] || fail "the port of Redis is published"
}

# change WHAT BODY [OPTION...] - the status that the dashboard answers.
change() {
    local what=$1 body=$2
    shift 2
    in_engine_network curl -sS -o /dev/null -w '%{http_code}' -H 'Content-Type: application/json' \
        --data "$body" "$@" "http://127.0.0.1:9090/api/$what"
}

dashboard_works() {
    local page failed token
    page=$(in_engine_network curl -sS --fail http://127.0.0.1:9090/)
    grep -q '<title>' <<<"$page" || fail "there is no page"
    # It ends by the time limit: the events go on.
    in_engine_network curl -sS -N --max-time 3 http://127.0.0.1:9090/events >"$directory/events" || true
    grep -q '"redis":true,.*"writable":true' "$directory/events" || fail "it may not look at Redis"
    grep -q '"total":20,"size":20,"ready":17,"failed":3' "$directory/events" || fail "it does not show the batch"
    failed=$(redis ZRANGE reelq:dead 0 0)
    [ "$(change retry "{\"id\":\"$failed\"}")" = 401 ] || fail "it changes things without the token"
    token=$(admin_token)
    [ "$(change retry "{\"id\":\"$failed\"}" -H "Authorization: Bearer $token")" = 202 ] ||
        fail "it does not retry with the token"
    wait_until "the end of the second try" state_is "$failed" failed
}

# ---- A batch under which everything changes -----------------------------------------------------

# How many of it have ended.
ended() {
    local counts
    mapfile -t counts < <(redis HMGET reelq:batch:load ready failed)
    echo $((${counts[0]:-0} + ${counts[1]:-0}))
}

has_ended() {
    [ "$(ended)" -ge "$1" ]
}

# still_at_work WHAT - what happens after the end of the batch shows nothing.
still_at_work() {
    local count
    count=$(ended)
    echo "$1: $count of $VIDEOS have ended"
    [ "$count" -lt "$VIDEOS" ] || fail "the batch has ended before: $1"
}

load() {
    local i
    for ((i = 1; i <= VIDEOS; i++)); do
        if [ $((i % BROKEN_EVERY)) = 0 ]; then
            echo "https://example.com/load/corrupt-$i.mp4"
        else
            echo "https://example.com/load/video-$i.mp4"
        fi
    done
}

submit_load() {
    load >"$directory/load"
    sed 's,.*/\(.*\)\.mp4$,{"url":"&"\,"id":"\1"},' "$directory/load" |
        compose run --rm -T cli submit --batch load -
}

# scale COUNT
scale() {
    still_at_work "going to $1 workers"
    compose up --no-build --detach --no-recreate --no-deps --scale "worker=$1" worker
    [ "$(containers worker | wc -l)" = "$1" ] || fail "there are not $1 workers"
    still_at_work "there are $1 workers"
}

scale_up() {
    submit_load
    wait_until "the first results" has_ended 5
    scale 4
}

renew_redis() {
    local before
    before=$(containers redis)
    still_at_work "Redis goes"
    compose up --no-build --detach --force-recreate --no-deps redis
    wait_until "Redis" is_healthy
    [ "$(containers redis)" != "$before" ] || fail "it is the same Redis"
    still_at_work "Redis is back"
}

scale_down() {
    scale 2
}

nothing_lost() {
    local counts broken=$((VIDEOS / BROKEN_EVERY))
    wait_until "the end of the batch" has_ended $VIDEOS
    mapfile -t counts < <(redis HMGET reelq:batch:load ready failed total)
    echo "ready ${counts[0]}, failed ${counts[1]}, of ${counts[2]}"
    [ "${counts[*]}" = "$((VIDEOS - broken)) $broken $VIDEOS" ] || fail "the counts are wrong"
    [ "$(redis ZCARD reelq:running) $(redis ZCARD reelq:awaiting) $(redis LLEN reelq:tasks)" = "0 0 0" ] ||
        fail "something is left"
    wait_until "healthy containers" is_healthy
}

nothing_paid_twice() {
    sandbox_tells journal >"$directory/journal"
    grep '"op":"upload"' "$directory/journal" | grep -o 'https://example.com/load/[^"]*' | sort |
        uniq -c | awk '{print $1 / 2, $2}' >"$directory/paid" # a line has it twice
    sort "$directory/load" | sed 's/^/1 /' | diff - "$directory/paid" || fail "uploads are missing, or paid twice"
    # Every video is indexed once.
    grep -c '"op":"index_spoken"' "$directory/journal"
    ! grep '"op":"index_spoken"' "$directory/journal" | grep -o '"video_id":"[^"]*"' | sort | uniq -d |
        grep . || fail "indexes paid twice"
}

# ---- https --------------------------------------------------------------------------------------

# https TARGET [OPTION...] - status and body, by the certificate of Caddy's own authority.
https() {
    local target=$1
    shift
    in_engine_network curl -sS --cacert "$directory/root.crt" --write-out '\n%{http_code}\n' "$@" \
        "https://localhost$target"
}

# The URL that VideoDB was given for a task, signed: the journal leaves the signature out.
signed_target() {
    local target secret exp
    target=$(sandbox_tells journal | grep -o "/webhooks/upload?id=$1&n=1&exp=[0-9]*&sig=" | head -n 1)
    exp=${target##*exp=}
    secret=$(docker exec "$(containers worker | head -n 1)" cat /run/reelq/redis-url |
        docker exec -i "$(containers redis)" sh -c 'redis-cli -u "$(cat)" GET reelq:callback-secret')
    printf '%s%s' "$target" "$(printf 'upload\n%s\n1\n%s' "$1" "${exp%&sig=}" |
        openssl dgst -sha256 -hmac "$secret" | grep -oE '[0-9a-f]{64}' | cut -c 1-32)"
}

has_been_called() {
    sandbox_tells journal | grep -q "id=$1&n=1"
}

# state_is ID STATE
state_is() {
    [ "$(redis HGET "reelq:task:$1" state)" = "$2" ]
}

callback_by_https() {
    local target body='{"success":false,"message":"Something went wrong"}'
    docker exec "$(containers caddy)" cat /data/caddy/pki/authorities/local/root.crt >"$directory/root.crt"
    # VideoDB never ends this one: what is heard of it comes from here.
    redis LPUSH reelq:tasks '{"url":"https://example.com/stuck.mp4","id":"by-https"}'
    wait_until "the call of the task" has_been_called by-https
    wait_until "the task" state_is by-https awaiting
    target=$(signed_target by-https)
    [ "$(https "${target%?????}00000" --data "$body" | tail -n 1)" = 404 ] || fail "a forged callback is taken"
    state_is by-https awaiting || fail "a forged callback has an effect"
    https "$target" --data "$body" >"$directory/answer"
    [ "$(tr -d '\n' <"$directory/answer")" = '{"status":"ok"}200' ] || fail "not taken: $(cat "$directory/answer")"
    wait_until "the end of the task" state_is by-https failed
    [ "$(in_engine_network curl -sS -o /dev/null -w '%{http_code}' http://localhost/)" = 308 ] ||
        fail "http does not lead to https"
}

# What Caddy asks the webhook, here one that answers with whom it is asked for.
asked_for() {
    in_engine_network curl -sS --insecure --resolve "localhost:443:$1" \
        --header "X-Forwarded-For: 192.0.2.9" https://localhost/ | grep '^for '
}

# A proxy tells who the client is, and does not take the client's word for it.
client_is_passed_on() {
    local network=$PROJECT-echo address client
    docker network create $network
    docker run --detach --name $PROJECT-echo --network $network --network-alias webhook \
        --entrypoint caddy reelq-caddy respond --listen :8080 \
        --body 'for {http.request.header.X-Forwarded-For}'
    docker run --detach --name $PROJECT-proxy --network $network reelq-caddy
    address=$(docker inspect \
        --format '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' $PROJECT-proxy)
    client=$(docker network inspect --format '{{(index .IPAM.Config 0).Gateway}}' $network)
    wait_until "the proxy" asked_for "$address"
    asked_for "$address" >"$directory/asked"
    docker rm --force --volumes $PROJECT-echo $PROJECT-proxy
    docker network rm $network
    [ "$(cat "$directory/asked")" = "for $client" ] || fail "not $client: $(cat "$directory/asked")"
}
