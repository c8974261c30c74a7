#!/bin/sh
# Makes the secrets that are not there yet, each a file of its own; what is there stays as it is.
# Only their owner can enter the folder. The files themselves can be read, for a container gets each one by itself.
set -eu
cd "$(dirname "$0")"

umask 022
mkdir -p secrets
chmod 700 secrets
for name in secret_key gateway_keys metrics_token postgres_password admin_password; do
    [ -s "secrets/$name" ] || openssl rand -hex 24 > "secrets/$name"
done
if [ ! -s secrets/gateway_token ]; then
    printf 'any\n' > secrets/gateway_token
    echo "secrets/gateway_token is made up: write the JWT of your gateway into it."
fi
echo "The user admin has the password in secrets/admin_password."
