"""A pair of small services, `api` and `chat`, that measure and log like Spring Boot and can be broken on purpose."""
