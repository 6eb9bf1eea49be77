# An image with the binary alone; how to use it: contrib/README.md.

FROM rust:1.89-slim-bookworm AS build
WORKDIR /src
COPY . .
# The caches live between builds, but not in the image: the binary is copied out of them.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked && cp target/release/glasnik /usr/local/bin/
# The next image has no shell to make a folder with.
RUN mkdir /state

# glibc of the same Debian, certificates, and a user without rights.
FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /usr/local/bin/glasnik /usr/local/bin/glasnik
COPY --from=build --chown=nonroot:nonroot /state /var/lib/glasnik
VOLUME /var/lib/glasnik
EXPOSE 8080
USER nonroot
# No HEALTHCHECK, since nothing here could ask; /healthz answers 200 or 503 to whoever watches.
ENTRYPOINT ["/usr/local/bin/glasnik"]
CMD ["run"]
