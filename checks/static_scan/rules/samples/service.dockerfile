# catches: docker-image-latest
FROM python:latest
# passes: docker-image-latest
FROM python:3.12-slim
# catches: docker-fetched-archive
ADD https://example.com/data.tgz /srv/
# passes: docker-fetched-archive
ADD data.tgz /srv/
# passes: docker-runs-as-root
USER app
# catches: docker-runs-as-root
USER root
# catches: docker-tls-verification-off
RUN pip install --trusted-host pypi.example.org tool
# passes: docker-tls-verification-off
RUN pip install tool
