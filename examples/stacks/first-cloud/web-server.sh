#!/bin/sh
# Makes this machine a web server that says who it is. Input: greeting. Output: served_by.
set -eu
mkdir -p /var/www/html
printf '%s, served by %s\n' "$greeting" "$(hostname)" >/var/www/html/index.html
cat >/etc/nginx/sites-enabled/first-cloud <<'CFG'
server {
  listen 80 default_server;
  root /var/www/html;
}
CFG
systemctl enable nginx
systemctl restart nginx
hostname >"$heat_outputs_path.served_by"
