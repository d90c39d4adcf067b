# Image of genesys-enricher: the compiled service and its production dependencies only.
#   docker build -t genesys-enricher .
#
# NODE_IMAGE may be any image with Node.js >= 22.18 and npm, such as node:24-alpine or one pinned to a digest.
ARG NODE_IMAGE=node:24-bookworm-slim

# Two optional secrets, used during the installation and never part of the image: `npmrc` for a private registry,
# `ca` for a proxy with its own certificates (see docker/README.md).

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json ./
# --ignore-scripts also leaves out the devDependency `node`: the build uses the image's Node.js.
RUN --mount=type=cache,target=/root/.npm \
    --mount=type=secret,id=npmrc,target=/root/.npmrc \
    --mount=type=secret,id=ca \
    npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier
COPY tsconfig.json tsconfig.build.json ./
COPY scripts scripts
COPY src src
RUN npm run build

FROM ${NODE_IMAGE} AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
RUN --mount=type=cache,target=/root/.npm \
    --mount=type=secret,id=npmrc,target=/root/.npmrc \
    --mount=type=secret,id=ca \
    npm ci --omit=dev --ignore-scripts --no-audit --no-fund --no-update-notifier

FROM ${NODE_IMAGE}
LABEL org.opencontainers.image.title="genesys-enricher" \
      org.opencontainers.image.description="Enriches participants of live Genesys Cloud conversations with attributes" \
      org.opencontainers.image.licenses="MIT"

# A new volume gets this owner. Ids above 10000 do not collide with accounts of the host.
RUN install -d -o 10001 -g 10001 /data && install -d /config

WORKDIR /app
COPY --chmod=644 package.json ./
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist dist

ENV NODE_ENV=production \
    PORT=8080 \
    STORE_URL=sqlite:/data/inbox.db \
    RULES_FILE=/config/rules.yaml

# A number, because Kubernetes cannot tell that a name is not root (runAsNonRoot).
USER 10001:10001
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM

# Liveness, not readiness: orchestrators restart an unhealthy container, and a restart does not help when the inbox is
# full. To find out whether senders may send events, use /readyz, as docker/compose.yaml does.
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
    CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/livez`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]

# No shell and no npm in between: node is process 1 and receives SIGTERM, which starts the drain.
ENTRYPOINT []
CMD ["node", "dist/main.js", "serve"]
