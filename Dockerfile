# One image for both parties: JupyterLab with the spdzlab kernel. What it does is said by its command, see
# deploy/image/start.sh. No key is ever in it: keys come in a volume.
ARG NODE_VERSION=24

FROM node:${NODE_VERSION}-bookworm-slim AS library
WORKDIR /opt/spdzlab
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY scripts/build.mjs scripts/
COPY lib lib
COPY kernel kernel
COPY cli cli
# zeromq and classic-level bring their libraries for every system and processor; one is enough.
RUN node scripts/build.mjs \
 && npm prune --omit=dev --ignore-scripts --no-audit --no-fund \
 && find node_modules/zeromq/build -mindepth 2 -maxdepth 2 ! -path "*/linux/$(node -p process.arch)" -exec rm -r {} + \
 && find node_modules/classic-level/prebuilds -mindepth 1 -maxdepth 1 ! -name "linux-$(node -p process.arch)" -exec rm -r {} + \
 && chmod +x dist/cli/main.js

FROM node:${NODE_VERSION}-bookworm-slim AS jupyter
RUN apt-get update && apt-get install -y --no-install-recommends python3 python3-venv
COPY requirements.txt /
# Every file has a hash. No Python kernel and no test here, so what only they need goes, and pip with it.
RUN python3 -m venv /opt/jupyter \
 && /opt/jupyter/bin/pip install --no-cache-dir --require-hashes --requirement /requirements.txt \
 && /opt/jupyter/bin/pip uninstall -y importlib-resources jupyter-console jupyter-kernel-test kubernetes-validate \
    markdown-it-py mdurl rich \
 && /opt/jupyter/bin/pip uninstall -y ipykernel debugpy ipython jedi parso pip setuptools \
 && rm -rf /opt/jupyter/share/jupyter/kernels/python3 /opt/jupyter/share/jupyter/lab/staging

FROM node:${NODE_VERSION}-bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends python3 \
 && apt-get clean && rm -rf /var/lib/apt/lists/*
WORKDIR /opt/spdzlab
COPY --from=library /opt/spdzlab/package.json ./
COPY --from=library /opt/spdzlab/node_modules node_modules
COPY --from=library /opt/spdzlab/dist dist
COPY --from=jupyter /opt/jupyter /opt/jupyter
COPY kernel/logos kernel/logos
COPY notebooks notebooks
COPY scripts/replay scripts/replay
COPY deploy/image/jupyter_server_config.py /opt/jupyter/etc/jupyter/
COPY deploy/image/overrides.json /opt/jupyter/share/jupyter/lab/settings/
COPY deploy/image/start.sh /usr/local/bin/start
# Volumes take their owner from these folders.
RUN ln -s /opt/spdzlab/dist/cli/main.js /usr/local/bin/spdzlab \
 && chmod +x /usr/local/bin/start \
 && spdzlab install --prefix /opt/jupyter \
 && mkdir -p /notebooks /keys /all/model-owner /all/data-owner /all/dealer \
 && chmod 700 /keys /all/* \
 && chown -R node:node /notebooks /keys /all

LABEL org.opencontainers.image.title="spdzlab" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.description="JupyterLab with a TypeScript kernel for secure two-party computation" \
      org.opencontainers.image.licenses="Apache-2.0"
ENV PATH=/opt/jupyter/bin:$PATH \
    NODE_ENV=production \
    PYTHONDONTWRITEBYTECODE=1 \
    SPDZ_CONFIG=/keys \
    PORT=8888
USER node
WORKDIR /notebooks
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s --retries=3 CMD ["start", "health"]
ENTRYPOINT ["start"]
CMD ["lab", "model-owner"]
