"""One structured line an event on stderr: JSON, with ids and hosts, never a secret, a body or a whole URL."""

import sys
from typing import Any

import structlog

SHARED = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def _keep_the_failure_not_its_values(_logger: Any, _name: str, line: dict[str, Any]) -> dict[str, Any]:
    """Logs only the place and the type of a failure, because its message may quote a customer's data."""
    failure = line.pop("exc_info", None)
    if failure is True:
        failure = sys.exc_info()
    if isinstance(failure, tuple) and failure[0] is not None:
        kind, _, trace = failure
        frames = []
        while trace:
            code = trace.tb_frame.f_code
            frames.append(f"{code.co_filename.rpartition('/')[2]}:{trace.tb_lineno} {code.co_name}")
            trace = trace.tb_next
        line["exception"], line["trace"] = kind.__name__, frames[-8:]
    return line


def logging_config() -> dict[str, Any]:
    """Django's LOGGING: the standard library's records and structlog's become the same lines."""
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": SHARED,
        "processors": [
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            _keep_the_failure_not_its_values,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": formatter},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": "INFO"},
        "loggers": {
            "django": {"handlers": [], "propagate": True, "level": "INFO"},
            "django.server": {"handlers": [], "propagate": True, "level": "WARNING"},
            "django.request": {"handlers": [], "propagate": True, "level": "ERROR"},
            # It warns with whole URLs.
            "urllib3": {"level": "CRITICAL"},
        },
    }


def configure_structlog() -> None:
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *SHARED,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def get_logger(name: str) -> Any:
    """A logger whose calls name what happened and give its ids: `log.info("attempt", delivery=…)`."""
    return structlog.get_logger(name)
