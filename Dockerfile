# All roles of Understudy and its command line. Built by deploy/image, which first copies the jars to target/image.
FROM eclipse-temurin:17-jre

RUN groupadd --system --gid 10001 understudy \
    && useradd --system --uid 10001 --gid understudy --home-dir /var/lib/understudy --create-home --shell /usr/sbin/nologin understudy

# Libraries first, because they rarely change: a new build then only uploads the layer with our own jars.
COPY target/image/libraries /opt/understudy/libraries
COPY target/image/ours /opt/understudy/ours
COPY LICENSE NOTICE /opt/understudy/
COPY deploy/docker/understudy /usr/local/bin/understudy

ENV UNDERSTUDY_STATE_DIRECTORY=/var/lib/understudy/state \
    UNDERSTUDY_MODELS_DIRECTORY=/models \
    UNDERSTUDY_MONITORING_HOST=0.0.0.0 \
    UNDERSTUDY_MONITORING_PORT=9404

USER understudy
WORKDIR /var/lib/understudy
EXPOSE 8080 9404

# Uses bash for the HTTP request, because no HTTP client is in all versions of the base image.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=6 CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/$UNDERSTUDY_MONITORING_PORT && printf 'GET /health HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n' >&3 && head -1 <&3 | grep -q ' 200 '"]

ENTRYPOINT ["understudy"]
CMD ["run"]
