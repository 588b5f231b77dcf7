#!/usr/bin/env bash
# buildah 1.28.2 (Debian) and Python: of a program that was compiled before it was copied into an image, half of the bytecode is stale.
# Expected: a file's time to the second, as GNU tar 1.34 keeps it: Python compares whole seconds, cut off, with the source.
# Seen: buildah rounds: a source of .7 s is one second younger in the image than its .pyc says, and is compiled anew at each start.
. "$(dirname "$0")/lib.sh"
debian buildah 1.28.2+ds1-3+deb12u1+b3
debian tar 1.34+dfsg-1.2+deb12u1
export BUILDAH_ISOLATION=chroot
store=(--storage-driver vfs --root "$dir/root" --runroot "$dir/run")
mkdir program unpacked
for part in early late; do echo "print('$part')" >program/$part.py; done
touch -d "2026-01-01 00:00:00.2" program/early.py
touch -d "2026-01-01 00:00:00.7" program/late.py
python3 -m compileall -q program

# bytecode FOLDER: what Python says of the bytecode that it finds there.
bytecode() {
    for part in early late; do
        echo "$1 $part $(cd "$2" && python3 -B -v -c "import $part" 2>&1 | grep -oE 'bytecode is stale|matches .*/'"$part"'.py$' | sed -E 's/matches .*/matches/')"
    done
}
tar --create program | tar --extract --directory unpacked
container=$(buildah "${store[@]}" from scratch)
buildah "${store[@]}" copy --quiet "$container" program /program >/dev/null
mounted=$(buildah "${store[@]}" mount "$container")
{
    bytecode tar unpacked/program
    bytecode buildah "$mounted/program"
} | tee out
buildah "${store[@]}" umount "$container" >/dev/null
buildah "${store[@]}" rm "$container" >/dev/null
seen "tar early matches" "tar late matches" "buildah early matches" "buildah late bytecode is stale"
