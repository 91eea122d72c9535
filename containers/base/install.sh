#!/bin/sh
# Runs inside the first stage of an image's build: installs the wheels in /wheels into folder $1,
# then drops what no lab may see or nobody needs.
set -eu

site=$1
pip=$(echo /wheels/pip-*.whl)/pip
python3 "$pip" install --quiet --no-index --no-deps --find-links /wheels --no-compile \
    --root-user-action=ignore --target "$site" -r /wheels/requirements.txt
PYTHONPATH=$site python3 "$pip" check  # the lock names every dependency, or the build stops

# Data sets that come with labels: a lab must never hide rows that ship with a library.
rm -rf "$site"/bin "$site"/share
for folder in data images; do
    [ ! -d "$site/sklearn/datasets/$folder" ] \
        || find "$site/sklearn/datasets/$folder" -type f ! -name '*.py' -delete
done

# Tests, headers and test programs.
find "$site" -type d \( -name tests -o -name test \) -prune -exec rm -rf {} +
find "$site" -type f \( -name '*.a' -o -name '*.pyx' -o -name '*.pxd' \) -delete
if [ -d "$site/torch" ]; then
    rm -rf "$site/torch/include" "$site/torch/share"
    find "$site/torch/bin" -mindepth 1 ! -name torch_shm_manager -delete
    rm -f "$site"/torch/lib/*_test.so "$site/torch/lib/libbackend_with_compiler.so" \
        "$site/torch/lib/libaoti_custom_ops.so"
fi

find "$site" -type f -perm /6000 -exec chmod ug-s {} +
# The root is read-only later. PyTorch ships files for newer Pythons, which do not compile.
python3 -m compileall -qq --invalidation-mode unchecked-hash "$site" || true
