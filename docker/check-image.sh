#!/usr/bin/env bash
# Builds the image and runs it as a cluster would: as its own user, without capabilities, on a read-only root,
# with /data as the only writable folder. Posts events, checks what the simulator (a second process of the same
# image) received, and stops both by SIGTERM.
#
# Needs `npm ci`, and either docker, or root on a Debian where buildah can be installed. If the base image cannot be
# pulled, buildah uses a substitute: Debian's essential packages with this repository's node and this machine's npm.
# shellcheck disable=SC2016 # single quotes hold JavaScript or commands of an inner shell
set -euo pipefail
shopt -s inherit_errexit 2>/dev/null || true # bash before 4.4 has none

repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$repo"
cache=${XDG_CACHE_HOME:-$HOME/.cache}/genesys-enricher
work=$(mktemp -d)
image=genesys-enricher:check-$$
base=node:24-bookworm-slim
grace_seconds=10 # what `docker stop` grants
checks=0

pass() {
  checks=$((checks + 1))
  echo "ok: $1"
}

fail() {
  touch "$work/explained"
  echo "image check: FAILED: $1" >&2
  if [ -n "${engine-}" ]; then "${engine}_logs"; fi
  local log
  for log in "$work"/*.log; do
    if [ -s "$log" ]; then
      echo "--- the end of $(basename "$log")" >&2
      tail -n 40 "$log" >&2
    fi
  done
  exit 1
}

cleanup() {
  local code=$?
  trap - EXIT INT TERM
  if [ "$code" -ne 0 ] && [ ! -e "$work/explained" ]; then (fail 'a command of this script failed') || true; fi
  if [ -n "${engine-}" ]; then "${engine}_cleanup" >/dev/null 2>&1 || true; fi
  rm -rf "$work"
  exit "$code"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# --- docker -----------------------------------------------------------------------------------
# Each engine has: available, build, config (the image's, as JSON), prepare, as_root (node over the bare
# image), start NAME [VAR=value]... -- [COMMAND]..., inside NAME COMMAND... (in the running container,
# as its user), logs, terminate NAME (SIGTERM; leaves the exit code in exit_code), cleanup.
# Simulator and service share one network that has only a loopback interface.

docker_available() { docker info >/dev/null 2>&1; }

docker_build() {
  local args=() name
  for name in HTTP_PROXY HTTPS_PROXY NO_PROXY http_proxy https_proxy no_proxy; do
    if [ -n "${!name-}" ]; then args+=(--build-arg "$name"); fi
  done
  DOCKER_BUILDKIT=1 docker build ${args[@]+"${args[@]}"} "${secrets[@]}" --tag "$image" "$repo" >"$work/build.log" 2>&1
}

docker_prepare() { :; }

docker_config() { docker image inspect --format '{{json .Config}}' "$image"; }

docker_as_root() { docker run --rm --interactive --user 0:0 --network none "$image" node "$@"; }

docker_start() {
  local name=$1 args=()
  shift
  while [ "$1" != -- ]; do
    args+=(--env "$1")
    shift
  done
  shift
  if [ "$name" = simulator ]; then
    args+=(--network none)
  else
    args+=(--network "container:check-$$-simulator")
  fi
  docker run --detach --name "check-$$-$name" --read-only --cap-drop ALL \
    --security-opt no-new-privileges --volume "$work/rules.yaml:/config/rules.yaml:ro" \
    "${args[@]}" "$image" "$@" >/dev/null
}

docker_inside() {
  local name=$1
  shift
  docker exec --interactive "check-$$-$name" "$@"
}

docker_logs() {
  local name
  for name in simulator enricher; do
    docker logs "check-$$-$name" >"$work/$name.log" 2>&1 || true
  done
}

docker_terminate() {
  docker stop -t "$grace_seconds" "check-$$-$1" >/dev/null
  exit_code=$(docker inspect --format '{{.State.ExitCode}}' "check-$$-$1")
}

docker_cleanup() {
  docker rm --force --volumes "check-$$-enricher" "check-$$-simulator"
  docker image rm "$image"
}

# --- buildah ----------------------------------------------------------------------------------
# buildah builds without a daemon, but cannot run a container on a read-only root: this script makes the namespaces.

buildah_() {
  TMPDIR=$work timeout 600 buildah --root "$work/storage" --runroot "$work/run" --storage-driver vfs "$@"
}

install_packages() {
  local package missing=()
  for package in "$@"; do
    dpkg-query --show --showformat '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
  done
  if [ ${#missing[@]} -eq 0 ]; then return; fi
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
}

buildah_available() {
  [ "$(id -u)" = 0 ] && [ "$(uname -s)" = Linux ] && command -v apt-get >/dev/null &&
    install_packages buildah ca-certificates iproute2 >"$work/install.log" 2>&1 &&
    unshare --mount --net true 2>>"$work/install.log"
}

# Prints the path of the substitute's Debian, which is kept for a month because it takes the longest to make.
debian_tarball() {
  local tarball=$cache/bookworm.tar mirror
  if [ -z "$(find "$tarball" -mtime -30 2>/dev/null)" ]; then
    install_packages mmdebstrap debian-archive-keyring >"$work/base.log" 2>&1 || return 1
    mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Codename: bookworm' 'Created-By: Packages' | sed -n 1p)
    mmdebstrap --variant=essential --include=libstdc++6 bookworm "$work/bookworm.tar" \
      ${mirror:+"$mirror"} >"$work/base.log" 2>&1 &&
      mkdir -p "$cache" && mv "$work/bookworm.tar" "$tarball" || return 1
  fi
  echo "$tarball"
}

buildah_stand_in() {
  local tarball npm container root
  tarball=$(debian_tarball) || fail 'no stand-in for the base can be made'
  npm=$(npm root --global 2>/dev/null)/npm
  if [ ! -x "$repo/node_modules/node/bin/node" ]; then fail 'the stand-in base needs node_modules: run npm ci'; fi
  container=$(buildah_ from scratch)
  root=$(buildah_ mount "$container")
  tar --extract --file "$tarball" --directory "$root" --exclude './dev/*'
  install -m 755 "$repo/node_modules/node/bin/node" "$root/usr/local/bin/node"
  mkdir -p "$root/usr/local/lib/node_modules"
  cp -R "$npm" "$root/usr/local/lib/node_modules/npm"
  ln -s ../lib/node_modules/npm/bin/npm-cli.js "$root/usr/local/bin/npm"
  buildah_ config --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$container"
  buildah_ commit --quiet --rm "$container" "docker.io/library/$base" >/dev/null
}

buildah_build() {
  if ! buildah_ pull --quiet "docker.io/library/$base" >/dev/null 2>&1; then
    echo "base: a substitute for $base, which cannot be pulled here"
    buildah_stand_in
  fi
  # --format docker: the OCI format has no HEALTHCHECK.
  buildah_ bud --isolation chroot --pull-never --format docker "${secrets[@]}" \
    --tag "localhost/$image" "$repo" >"$work/build.log" 2>&1
}

buildah_config() {
  buildah_ inspect --type image "localhost/$image" |
    "$node" -e 'console.log(JSON.stringify(JSON.parse(require("node:fs").readFileSync(0)).Docker.config))'
}

# Prepares the image's root as an engine does before it starts a container.
buildah_prepare() {
  local line
  rootfs=$(buildah_ mount "$(buildah_ from --pull-never "localhost/$image")")
  touch "$rootfs/config/rules.yaml"
  image_env=()
  while IFS= read -r line; do image_env+=("$line"); done < <(from_config 'config.Env.join("\n")')
  image_command=()
  while IFS= read -r line; do image_command+=("$line"); done < <(from_config 'config.Cmd.join("\n")')
  user=$(from_config config.User)

  declare -gA outer_pid=() inner_pid=() # of unshare, and of the process 1 that it became the parent of
  unshare --net sleep infinity >/dev/null 2>&1 &
  network=$!
  until [ "$(readlink "/proc/$network/ns/net")" != "$(readlink /proc/self/ns/net)" ]; do sleep 0.05; done
  nsenter --target "$network" --net ip link set lo up
}

buildah_as_root() { env -i "${image_env[@]}" unshare --root "$rootfs" --wd /app node "$@"; }

# Becomes process 1 of a process namespace and writes its id outside the namespace to $1.
sandbox='
  set -euo pipefail
  pid_file=$1 root=$2 data=$3 rules=$4 uid=$5 gid=$6
  shift 6
  read -r pid _ </proc/self/stat
  mount --bind "$root" "$root"
  mount -t tmpfs -o mode=755 tmpfs "$root/dev"
  mknod -m 666 "$root/dev/null" c 1 3
  mknod -m 666 "$root/dev/zero" c 1 5
  mknod -m 666 "$root/dev/random" c 1 8
  mknod -m 666 "$root/dev/urandom" c 1 9
  mount -o remount,ro "$root/dev"
  mount -t proc -o nosuid,nodev,noexec proc "$root/proc"
  mount --bind "$data" "$root/data"
  mount --bind "$rules" "$root/config/rules.yaml"
  mount -o remount,bind,ro "$root/config/rules.yaml"
  mount -o remount,bind,ro "$root"
  echo "$pid" >"$pid_file.new"
  mv "$pid_file.new" "$pid_file"
  exec setpriv --no-new-privs unshare --root "$root" --wd /app --setgid "$gid" --setuid "$uid" "$@"
'

buildah_start() {
  local name=$1 vars=()
  shift
  while [ "$1" != -- ]; do
    vars+=("$1")
    shift
  done
  shift
  if [ $# -eq 0 ]; then set -- "${image_command[@]}"; fi
  cp -a "$rootfs/data" "$work/$name.data" # a new volume gets the image's directory, with its owner
  env -i "${image_env[@]}" ${vars[@]+"${vars[@]}"} \
    nsenter --target "$network" --net unshare --mount --pid --fork --kill-child \
    bash -c "$sandbox" sandbox "$work/$name.pid" "$rootfs" "$work/$name.data" "$work/rules.yaml" \
    "${user%:*}" "${user#*:}" "$@" >"$work/$name.log" 2>&1 </dev/null &
  outer_pid[$name]=$!
  until [ -s "$work/$name.pid" ]; do
    kill -0 "${outer_pid[$name]}" 2>/dev/null || fail "$name did not start"
    sleep 0.05
  done
  inner_pid[$name]=$(<"$work/$name.pid")
}

buildah_inside() {
  local name=$1
  shift
  env -i "${image_env[@]}" nsenter --target "${inner_pid[$name]}" --mount --pid --net --root --wd \
    --setgid "${user#*:}" --setuid "${user%:*}" "$@"
}

buildah_logs() { :; }

buildah_terminate() {
  local outer=${outer_pid[$1]} inner=${inner_pid[$1]} attempts=$((grace_seconds * 10))
  kill -TERM "$inner"
  while kill -0 "$outer" 2>/dev/null && [ "$attempts" -gt 0 ]; do
    attempts=$((attempts - 1))
    sleep 0.1
  done
  kill -KILL "$inner" 2>/dev/null || true
  exit_code=0
  wait "$outer" 2>/dev/null || exit_code=$?
  unset "outer_pid[$1]" "inner_pid[$1]"
}

buildah_cleanup() {
  if [ -n "${network-}" ]; then
    kill -KILL "${inner_pid[@]}" "${outer_pid[@]}" "$network"
    wait
  fi
  buildah_ umount --all
}

# --- common to both -------------------------------------------------------------------

# The build uses the registry, certificate or proxy of this machine's npm. As secrets of the build, they do not become
# part of the image.
read_npm_configuration() {
  local user_config ca
  secrets=(--secret "id=npmrc,src=$work/npmrc")
  user_config=$(npm config get userconfig 2>/dev/null)
  ca=$(npm config get cafile 2>/dev/null)
  {
    grep -E '^(//|@|proxy *=|https-proxy *=|noproxy *=|strict-ssl *=)' "$user_config" 2>/dev/null || true
    echo "registry=$(npm config get registry 2>/dev/null)"
    if [ ! -f "$ca" ]; then ca=${NODE_EXTRA_CA_CERTS-}; fi
    if [ -f "$ca" ]; then
      echo 'cafile=/run/secrets/ca'
      secrets+=(--secret "id=ca,src=$ca")
    fi
  } >"$work/npmrc"
}

from_config() { "$node" -e "const config = JSON.parse(process.argv[1]); console.log($1)" "$config"; }

inside() { "${engine}_inside" "$@"; }

wait_until_200() {
  inside "$1" node -e '
    const deadline = Date.now() + 30_000
    const ask = () => fetch(process.argv[1]).then((answer) => answer.status, (error) => error.cause?.code ?? error.message)
    const poll = async () => {
      const status = await ask()
      if (status === 200) return
      if (Date.now() > deadline) throw new Error(`${process.argv[1]} still answers ${status}`)
      setTimeout(poll, 100)
    }
    poll()
  ' "$2" >>"$work/checks.log" 2>&1
}

# --- the checks -------------------------------------------------------------------------------

node=$repo/node_modules/.bin/node
if [ ! -x "$node" ]; then node=$(command -v node) || fail 'no node: run npm ci first'; fi

if docker_available; then
  engine=docker
elif buildah_available; then
  engine=buildah
elif [ "${CI-}" = true ]; then
  fail 'needs docker, or root on a Debian where buildah can be installed'
else
  echo 'image check: skipped, it needs docker, or root on a Debian where buildah can be installed'
  exit 0
fi

# Copies, because a strict umask may have made the originals unreadable for the image's user.
install -m 644 "$repo/docker/rules.yaml" "$work/rules.yaml"

read_npm_configuration
"${engine}_build" || fail 'the image does not build'
rm -f "$work/build.log"
config=$("${engine}_config")
pass "the image builds ($engine)"

from_config '(() => {
  const assert = require("node:assert/strict")
  assert.match(config.User, /^[1-9][0-9]*:[1-9][0-9]*$/)
  assert.deepEqual(config.Cmd, ["node", "dist/main.js", "serve"])
  assert.equal(config.StopSignal, "SIGTERM")
  assert.deepEqual(Object.keys(config.Volumes), ["/data"])
  assert.deepEqual(Object.keys(config.ExposedPorts), ["8080/tcp"])
  assert.equal(config.Healthcheck.Test[0], "CMD")
})()' >"$work/checks.log" 2>&1 || fail 'the configuration of the image is not as expected'
pass 'its user is a number, its command is no shell, it stops by SIGTERM'

"${engine}_prepare"

"$node" -e '
  const { packages } = require(process.argv[1])
  const names = Object.keys(packages)
  console.log(JSON.stringify({
    unwanted: names.filter((name) => packages[name].dev),
    wanted: Object.keys(packages[""].dependencies).map((name) => `node_modules/${name}`),
  }))
' "$repo/package-lock.json" >"$work/packages.json"
"${engine}_as_root" -e '
  const assert = require("node:assert/strict")
  const { existsSync, readdirSync, readFileSync } = require("node:fs")
  const { unwanted, wanted } = JSON.parse(readFileSync(0, "utf8"))
  assert.deepEqual(readdirSync("/app").sort(), ["dist", "node_modules", "package.json"])
  assert.deepEqual(wanted.filter((name) => !existsSync(`/app/${name}`)), [], "missing")
  assert.ok(unwanted.length > 0)
  assert.deepEqual(unwanted.filter((name) => existsSync(`/app/${name}`)), [], "devDependencies")
  const leftovers = ["/root/.npm", "/root/.npmrc", "/run/secrets"]
  assert.deepEqual(leftovers.filter((path) => existsSync(path)), [], "leftovers of the build")
' <"$work/packages.json" >"$work/checks.log" 2>&1 || fail 'the image holds too much or too little'
pass 'it holds dist and the production dependencies, no devDependency, no source, nothing of npm'

"${engine}_start" simulator -- node dist/main.js simulate --host 0.0.0.0 --port 9090 --lenient
wait_until_200 simulator http://127.0.0.1:9090/livez || fail 'the simulator does not start'
pass 'the simulator starts from it: /livez answers 200'

"${engine}_start" enricher \
  GENESYS_API_URL=http://127.0.0.1:9090 GENESYS_LOGIN_URL=http://127.0.0.1:9090 \
  GENESYS_CLIENT_ID=demo GENESYS_CLIENT_SECRET=demo WEBHOOK_TOKENS=demo-token ADMIN_TOKEN=demo-admin --
wait_until_200 enricher http://127.0.0.1:8080/readyz || fail 'the service does not get ready'
pass 'the service gets ready: /readyz answers 200'

inside enricher node -e '
  const assert = require("node:assert/strict")
  const { readFileSync } = require("node:fs")
  const status = readFileSync("/proc/1/status", "utf8")
  const field = (name) => new RegExp(`^${name}:\\s+(.*)$`, "m").exec(status)[1]
  assert.equal(readFileSync("/proc/1/cmdline", "utf8").split("\0")[0], "node")
  assert.ok(field("Uid").split("\t").every((id) => id === process.argv[1].split(":")[0]), field("Uid"))
  assert.ok(field("Gid").split("\t").every((id) => id === process.argv[1].split(":")[1]), field("Gid"))
  assert.equal(BigInt(`0x${field("CapEff")}`), 0n)
  assert.equal(field("NoNewPrivs"), "1")
' "$(from_config config.User)" >"$work/checks.log" 2>&1 || fail 'process 1 is not what it should be'
pass "process 1 is node, as user $(from_config config.User), without capabilities"

inside enricher node -e '
  const assert = require("node:assert/strict")
  const { readFileSync, unlinkSync, writeFileSync } = require("node:fs")
  const root = readFileSync("/proc/1/mountinfo", "utf8").split("\n").map((line) => line.split(" ")).find((mount) => mount[4] === "/")
  assert.ok(root[5].split(",").includes("ro"), root.join(" "))
  for (const folder of ["", "/app", "/app/dist", "/tmp", "/var/tmp", "/config"]) {
    assert.throws(() => writeFileSync(`${folder}/probe`, ""), { code: "EROFS" }, `${folder}/ can be written`)
  }
  writeFileSync("/data/probe", "")
  unlinkSync("/data/probe")
' >"$work/checks.log" 2>&1 || fail 'more or less than /data can be written'
pass 'its root is read-only (EROFS), /data can be written'

inside enricher node -e '
  const assert = require("node:assert/strict")
  const origin = "http://127.0.0.1:8080/"
  fetch(`${origin}dashboard`).then(async (answer) => {
    assert.equal(answer.status, 200)
    const files = [...(await answer.text()).matchAll(/\s(?:href|src)="([^"]+)"/g)].map(([, file]) => file)
    assert.ok(files.length > 30)
    for (const file of files) assert.equal((await fetch(origin + file)).status, 200, file)
  })
' >"$work/checks.log" 2>&1 || fail 'the dashboard lacks files'
pass 'the dashboard and all its files answer 200'

health_command=()
while IFS= read -r line; do health_command+=("$line"); done < <(from_config 'config.Healthcheck.Test.slice(1).join("\n")')
inside enricher "${health_command[@]}" >"$work/checks.log" 2>&1 || fail 'the health check of the image says unhealthy'
pass 'the health check of the image says healthy'

inside enricher node --input-type=module - <"$repo/docker/post-events.mjs" >"$work/checks.log" 2>&1 ||
  fail 'the attributes did not arrive'
sed '/./s/^/  | /' "$work/checks.log"
inside enricher node -e 'require("node:fs").accessSync("/data/inbox.db")' >"$work/checks.log" 2>&1 || fail 'no inbox in /data'
pass 'events posted to the service become attributes at the simulator, by way of /data/inbox.db'

for name in enricher simulator; do
  started=$SECONDS
  "${engine}_terminate" "$name"
  [ "$exit_code" = 0 ] || fail "$name: exit code $exit_code within ${grace_seconds} s of SIGTERM"
  pass "$name: exit code 0, $((SECONDS - started)) s after SIGTERM"
done

echo "image check: $checks checks passed"
