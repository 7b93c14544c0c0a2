# The Oriel image: compiled JavaScript, production dependencies, an unprivileged user, one volume for the data.

FROM node:24-slim AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
# All dependencies: the compiler and the dashboard's tools have optional parts for each platform.
RUN npm ci --no-audit --no-fund
COPY . .
RUN npx vite build dashboard && npx tsc -p tsconfig.build.json

FROM node:24-slim AS modules
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --omit=optional --no-audit --no-fund

FROM node:24-slim
ENV NODE_ENV=production
WORKDIR /app
RUN mkdir -p /data /etc/oriel && chown node:node /data
COPY --from=modules /src/node_modules ./node_modules
COPY --from=build /src/dist ./
COPY --from=build /src/dashboard/dist ./dashboard/dist
COPY package.json LICENSE ./
COPY control/bin.cjs ./control/bin.cjs
COPY config/oriel.schema.json ./config/oriel.schema.json
COPY deploy/oriel.yaml /etc/oriel/oriel.yaml

USER node
VOLUME /data
EXPOSE 8080 8443 9900
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:9900/healthz').then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/app/control/bin.cjs"]
CMD ["run", "/etc/oriel/oriel.yaml"]
