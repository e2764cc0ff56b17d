# Both programs in one image, the reconciler unless told otherwise: `docker build -t weka-gitops .`
# BASE is a Debian with Node 24 and npm; GO is anything with Go 1.26, and nothing of it stays.
ARG BASE=node:24.21.0-bookworm-slim
ARG GO=golang:1.26-bookworm

FROM ${GO} AS kustomize
RUN CGO_ENABLED=0 GOBIN=/out go install -trimpath -ldflags='-s -w' sigs.k8s.io/kustomize/kustomize/v5@v5.8.1
RUN go version -m /out/kustomize > /out/kustomize.modules

FROM ${BASE} AS system
# What the agent looks at its node with. Nobody in here becomes root by a program, and npm has no work left. What nvme-cli
# makes up as this host's name would be the name of every host.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends gdisk kmod nvme-cli util-linux \
    && rm -rf /etc/nvme/host* /opt/yarn-* /root/.npm /tmp/* /usr/local/lib/node_modules /var/cache/* /var/lib/apt/lists/* /var/log/* \
    && rm -f /usr/local/bin/corepack /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/yarn /usr/local/bin/yarnpkg \
    && find / -xdev -type f -perm /6000 -exec chmod a-s {} +

FROM ${BASE} AS build
WORKDIR /source
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY schemas schemas
COPY reconciler reconciler
COPY nodeagent nodeagent
COPY scripts scripts
COPY --from=system /var/lib/dpkg/status /usr/lib/os-release /system/
COPY --from=kustomize /out/kustomize.modules /system/
RUN mkdir /cache && node scripts/image.ts /app /system

FROM system
COPY --from=kustomize /out/kustomize /usr/local/bin/kustomize
# All of it belongs to root, so that a program cannot change itself.
COPY --from=build /app /app
# The clone is kept here. Where the root is read-only, mount a volume.
COPY --from=build --chown=65532:65532 /cache /cache
ENV HOME=/cache \
    PATH=/app/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    XDG_CACHE_HOME=/cache
USER 65532:65532
WORKDIR /cache
EXPOSE 8080
ENTRYPOINT ["weka-gitops"]
CMD ["run"]
