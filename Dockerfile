# The image of genesys-enricher: the compiled service, its production dependencies, nothing else.
#   docker build -t genesys-enricher .
#
# The base may be replaced by any image with Node.js >= 22.18 and npm: by one of your own registry,
# by one pinned to a digest, by node:24-alpine.
ARG NODE_IMAGE=node:24-bookworm-slim

# In both stages that install, two secrets are optional and never become part of the image:
# `npmrc` for a private registry, `ca` for a proxy with its own certificates (see docker/README.md).

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json ./
# Without install scripts the devDependency `node`, which serves machines with an older Node.js,
# stays empty, and the build runs on the image's own.
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
      org.opencontainers.image.description="Puts facts on the participants of live Genesys Cloud conversations" \
      org.opencontainers.image.licenses="MIT"

# A volume inherits this owner when it is first used; above 10000 no account of the host is met.
RUN install -d -o 10001 -g 10001 /data && install -d /config

WORKDIR /app
COPY --chmod=644 package.json ./
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist dist

ENV NODE_ENV=production \
    PORT=8080 \
    STORE_URL=sqlite:/data/inbox.db \
    RULES_FILE=/config/rules.yaml

# By number, so that Kubernetes can see that it is not root (runAsNonRoot).
USER 10001:10001
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM

# Liveness, not readiness: whoever acts on "unhealthy" restarts the container, and a restart empties
# no full inbox. Where the question is "may it be sent events?", ask /readyz (docker/compose.yaml does).
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
    CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/livez`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]

# No shell and no npm in between: node is process 1 and gets the SIGTERM that drains it.
ENTRYPOINT []
CMD ["node", "dist/main.js", "serve"]
