DROP TABLE endpoint_backends;
