#!/bin/bash
# `docker run --privileged` asks for every capability that the kernel knows. Where the machine's own bounding set lacks
# CAP_SYS_RESOURCE, as in most sandboxes, runc then fails with "unable to apply caps: operation not permitted". This removes that
# one name from what runc is asked for. https://github.com/opencontainers/runc/blob/v1.1.5/libcontainer/capabilities/capabilities.go
args=("$@")
for ((i = 0; i < $#; i++)); do
  case ${args[i]} in
    --bundle | -b) file=${args[i + 1]}/config.json ;;
    --process | -p) file=${args[i + 1]} ;;
  esac
done
if [[ -n ${file:-} && -f $file ]] && grep -q CAP_SYS_RESOURCE "$file"; then
  sed -i -E 's/"CAP_SYS_RESOURCE",//g; s/,[[:space:]]*"CAP_SYS_RESOURCE"//g' "$file"
fi
exec /usr/sbin/runc "$@"
