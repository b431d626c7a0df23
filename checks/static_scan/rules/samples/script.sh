#!/bin/bash
# catches: sh-fetched-script
curl -sSL https://get.example.com/tool.sh | bash
# passes: sh-fetched-script
curl -sSLo tool.tgz https://get.example.com/tool.tgz

# catches: sh-text-evaluated
eval $COMMAND
# passes: sh-text-evaluated
"${COMMAND[@]}"

# catches: sh-world-writable
chmod 777 /srv/data
# passes: sh-world-writable
chmod 750 /srv/data

# catches: sh-tls-verification-off
curl -k -o tool.tgz https://get.example.com/tool.tgz
# passes: sh-tls-verification-off
curl --cacert own.pem -o tool.tgz https://get.example.com/tool.tgz

# catches: sh-removes-below-variable
rm -rf "$BUILD"/*
# passes: sh-removes-below-variable
rm -rf "${BUILD:?}"/*
# passes: sh-removes-below-variable
rm -rf "$BUILD/cache"
