#!/bin/sh
# Runs inside the base build: drops all but Python and its libraries, and what could raise privileges.
set -eu

version=3.11
real=$(command -v "python$version")
mkdir -p /usr/local/bin
for name in python python3 "python$version"; do
    [ "/usr/local/bin/$name" -ef "$real" ] || ln -sf "$real" "/usr/local/bin/$name"
done

# Installers and their copies: nothing is ever installed in a sandbox.
purelib=$(python3 -c 'import site; print(site.getsitepackages()[0])')
stdlib=$(python3 -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')
for folder in "$purelib" /usr/lib/python3/dist-packages; do
    rm -rf "$folder"/pip "$folder"/pip-* "$folder"/setuptools* "$folder"/wheel* \
        "$folder"/pkg_resources "$folder"/_distutils_hack "$folder"/distutils-precedence.pth
done
rm -rf "$stdlib/ensurepip" "$stdlib/idlelib" "$stdlib/lib2to3" "$stdlib/test" "$stdlib/tkinter" \
    "$stdlib/turtledemo" "$stdlib"/config-3* /usr/local/bin/pip* /usr/local/bin/idle* /usr/local/include
mkdir -p "$purelib"
echo /opt/labrun/site > "$purelib/labrun.pth"

# Papers stay out, licences stay.
find /usr/share/doc -type f ! -name copyright -delete
find /usr/share/doc -type l -delete
find /usr/share/doc -type d -empty -delete
rm -rf /usr/share/man/* /usr/share/info/* /usr/share/locale/* /usr/share/lintian \
    /usr/share/bash-completion /var/lib/apt/lists/* /var/cache/* \
    /var/log/* /var/lib/dpkg/*-old /tmp/* /root/.[!.]* /etc/apt/sources.list.d/*
[ ! -f /etc/apt/sources.list ] || : > /etc/apt/sources.list  # it may name a private mirror

find / -xdev -type f -perm /6000 -exec chmod ug-s {} +
find / -xdev -type d -name __pycache__ -prune -exec rm -rf {} +
python3 -m compileall -q --invalidation-mode unchecked-hash "$stdlib" /usr/lib/python3 || true
