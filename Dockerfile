# The gateway alone: no mocks, no tests, no build tools. Configuration: a JSON file that QIAO_CONFIG names.
FROM node:26-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts

FROM node:26-slim
ENV NODE_ENV=production QIAO_CONFIG=/etc/qiao/config.json
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY package.json ./
COPY specs specs
COPY gateway gateway
COPY adapters adapters
ENV NODE_COMPILE_CACHE=/var/cache/qiao
RUN mkdir /var/lib/qiao /var/cache/qiao && chown node:node /var/lib/qiao /var/cache/qiao
USER node
# Compiled once here, so that a start only reads it.
RUN node -e "import('/app/gateway/wire.ts').then(() => process.exit(0))"
VOLUME /var/lib/qiao
EXPOSE 8080 9090
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:9090/readyz').then(r=>process.exit(r.ok?0:1),()=>process.exit(1))"]
CMD ["node", "gateway/main.ts"]
