# The double in a small image: one binary, no shell tools needed, not root.
FROM rust:1.95-bookworm AS build
WORKDIR /src
COPY . .
# The caches keep rebuilds short; the binary is copied out because a cache is no part of the layer.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked --bin stunt-double \
    && install -D target/release/stunt-double /out/stunt-double

FROM debian:bookworm-slim
# A fixed number, so that volumes and Kubernetes' runAsNonRoot can name the user.
RUN groupadd --gid 10001 double \
    && useradd --uid 10001 --gid double --no-create-home --shell /usr/sbin/nologin double \
    && install -d -o double -g double /data
COPY --from=build /out/stunt-double /usr/local/bin/stunt-double
USER 10001:10001
WORKDIR /data
VOLUME /data
ENV LISTEN=0.0.0.0:8000 \
    DATABASE_URL=sqlite:///data/stunt-double.db
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s --retries=3 \
    CMD ["stunt-double", "health"]
ENTRYPOINT ["stunt-double"]
CMD ["serve"]
