#!/bin/sh
# Makes this machine spread requests over the backends. Input: backends, addresses separated by blanks.
set -eu
{
  cat <<'CFG'
global
  maxconn 1000
defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
frontend web
  bind :80
  default_backend workers
backend workers
  balance roundrobin
  option httpchk GET /
CFG
  for address in $backends; do
    echo "  server worker-$address $address:80 check inter 2s"
  done
} >/etc/haproxy/haproxy.cfg
haproxy -c -q -f /etc/haproxy/haproxy.cfg
systemctl enable haproxy
systemctl restart haproxy
