# Both programs and their packages in one folder, on Node and nothing else. `docker build -t weka-gitops .`
FROM node:24.21.0-bookworm-slim AS build
WORKDIR /source
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY schemas schemas
COPY reconciler reconciler
COPY nodeagent nodeagent
COPY scripts/bundle.ts scripts/bundle.ts
RUN mkdir /app /cache && chown 65532:65532 /app /cache
# As who runs it later: what Node compiles of a program it keeps for each user, who alone may read it.
USER 65532:65532
RUN node scripts/bundle.ts /app && chmod -R a+rX /app

FROM golang:1.26-bookworm AS kustomize
RUN CGO_ENABLED=0 GOBIN=/out go install sigs.k8s.io/kustomize/kustomize/v5@v5.8.1

FROM node:24.21.0-bookworm-slim
COPY --from=kustomize /out/kustomize /usr/local/bin/kustomize
COPY --from=build /app /app
# The clone is kept here. Where the root is read-only, mount a volume.
COPY --from=build --chown=65532:65532 /cache /cache
ENV HOME=/cache \
    XDG_CACHE_HOME=/cache \
    MALLOC_ARENA_MAX=1 \
    MALLOC_TRIM_THRESHOLD_=131072 \
    NODE_COMPILE_CACHE=/app/compiled
USER 65532:65532
WORKDIR /cache
EXPOSE 8080
ENTRYPOINT ["node", "--max-semi-space-size=1", "/app/weka-gitops.mjs"]
CMD ["run"]
