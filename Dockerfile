# The image holds one binary and the C library that it needs: no shell, no package manager.
# docker build -t whetstone .
# docker run -d --name whetstone -e DISCORD_TOKEN -v whetstone:/data whetstone

FROM rust:1.95-slim-bookworm AS build
WORKDIR /src
COPY Cargo.toml Cargo.lock build.rs ./
COPY src ./src
COPY content ./content
# Cargo asks that each package and each target named in Cargo.toml is there.
COPY crates ./crates
COPY benches ./benches
COPY examples ./examples
# What `whetstone --version` calls the commit: --build-arg BUILD_COMMIT="$(git rev-parse --short=12 HEAD)"
ARG BUILD_COMMIT
# Without the playground, and so without the simulated Discord.
RUN cargo build --release --locked --package whetstone --no-default-features --bin whetstone
# The volume's folder must belong to the user that runs the bot; the last image has no chown.
RUN mkdir /empty

FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /src/target/release/whetstone /usr/local/bin/whetstone
COPY --from=build --chown=65532:65532 /empty /data
ENV WHETSTONE_STORE_PATH=/data WHETSTONE_LOG_FORMAT=json
VOLUME /data
USER 65532:65532
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
    CMD ["/usr/local/bin/whetstone", "health"]
ENTRYPOINT ["/usr/local/bin/whetstone"]
CMD ["run"]
