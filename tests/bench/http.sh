# Rows about the HTTP server alone, by tests/bench/http_server.c: requests per second against nginx, memory of streams.
# Sourced by run. Times are of one request, so that less is better.

nginx_settings() {
    cat <<END
worker_processes 1; daemon off; error_log $box/nginx.log; pid $box/nginx.pid;
events { worker_connections 1000; }
http {
    access_log off; keepalive_requests 100000000; default_type application/json;
    client_body_temp_path $box/n1; proxy_temp_path $box/n2; fastcgi_temp_path $box/n3; uwsgi_temp_path $box/n4;
    scgi_temp_path $box/n5;
    server { listen 127.0.0.1:$1; root $box/www; }
}
END
}

# Microseconds for a request, 64 connections, one thread of the driver.
request_us() {
    wrk -t1 -c64 -d2 "http://127.0.0.1:$1/a.json" |
        awk '/Requests\/sec/ { if ($2 > 0) printf "%.3f\n", 1000000 / $2 }'
}

middle() {
    sort -n "$1" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

resident_mb() {
    awk '/^VmRSS/ { print $2 / 1024 }' "/proc/$1/status"
}

nginx_close() {
    kill "$nginx" 2>/dev/null || true
    wait "$nginx" 2>/dev/null || true
}

# Leaves $nginx answering on $port, or says why not in nginx.errors. The ports are below those that the kernel hands out
# for a while, so that only a server can sit on one; nginx writes its process id when it listens.
nginx_open() {
    low=$(awk '{ print $1 }' /proc/sys/net/ipv4/ip_local_port_range 2>/dev/null || true)
    [ "${low:-0}" -gt 12000 ] || low=32768
    for attempt in 0 1 2 3 4; do
        port=$((10000 + ($$ * 7 + attempt * 1009) % (low - 10000)))
        nginx_settings "$port" >nginx.conf
        rm -f nginx.pid
        /usr/sbin/nginx -c "$box/nginx.conf" >nginx.errors 2>&1 &
        nginx=$!
        waited=0
        while kill -0 "$nginx" 2>/dev/null && [ $waited -lt 100 ]; do
            [ ! -s nginx.pid ] || return 0
            sleep 0.1
            waited=$((waited + 1))
        done
        nginx_close
    done
    return 1
}

bench_http_speed() {
    if ! command -v wrk >/dev/null || [ ! -x /usr/sbin/nginx ]; then
        no_row 'http, small GET' nginx us 2 'wrk or nginx is not there: apt-get install wrk nginx-light'
        return 0
    fi
    if ! nginx_open; then
        no_row 'http, small GET' nginx us 2 "nginx did not start: $(grep -h . nginx.log nginx.errors 2>/dev/null | tail -n 1)"
        return 0
    fi
    : >us-weir
    : >us-nginx
    for _ in 1 2 3 4 5; do
        request_us "$1" >>us-weir
        request_us "$port" >>us-nginx
    done
    nginx_close
    if [ ! -s us-weir ] || [ ! -s us-nginx ]; then
        no_row 'http, small GET' nginx us 2 'wrk got no answer from one of them'
        return 0
    fi
    row 'http, small GET' "$(middle us-weir)" "$(middle us-nginx)" nginx us 2 ''
    row 'http, small GET, aim' "$(middle us-weir)" "$(middle us-nginx)" nginx us 0.83 ''
}

bench_http_streams() {
    streams=${BENCH_STREAMS:-10000}
    row 'http, idle memory' "$(resident_mb "$2")" 30 limit MB 1 ''
    rm -f streams-end
    mkfifo streams-end
    "$build/bench_http_streams" "$1" "$streams" <streams-end >streams.out 2>streams.errors &
    reader=$!
    exec 9>streams-end
    waited=0
    while [ ! -s streams.out ] && kill -0 "$reader" 2>/dev/null && [ $waited -lt 600 ]; do
        sleep 0.1
        waited=$((waited + 1))
    done
    if [ -s streams.out ]; then
        mb=$(resident_mb "$2")
        row "http, $streams streams" "$mb" 300 limit MB 1 ''
        row "http, $streams streams, aim" "$mb" 120 limit MB 1 ''
    else
        no_row "http, $streams streams" limit MB 1 "not opened: $(head -n 1 streams.errors)"
    fi
    exec 9>&-
    wait "$reader" || true
}

bench_http() {
    is_wanted 'http' || return 0
    mkdir -p www
    text 4 5 | head -c 300 >www/a.json
    "$build/bench_http_server" 127.0.0.1:0 www/a.json >server.out 2>server.errors &
    server=$!
    waited=0
    while [ ! -s server.out ] && [ $waited -lt 100 ]; do
        sleep 0.1
        waited=$((waited + 1))
    done
    if [ -s server.out ]; then
        at=$(sed 's/.*://' server.out)
        bench_http_streams "$at" "$server"
        bench_http_speed "$at"
    else
        no_row 'http, small GET' nginx us 2 "the server did not start: $(head -n 1 server.errors)"
    fi
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
}
