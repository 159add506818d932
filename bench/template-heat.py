# Debian's Heat at the same work as bench/template.ts: reads {template, files, environment} from standard input, prints CPU times as JSON.
import json
import logging
import resource as usage
import sys
import time

logging.disable(logging.CRITICAL)
from oslo_config import cfg  # noqa: E402
from heat.common import context, messaging, template_format  # noqa: E402
from heat.common import config  # noqa: E402,F401
from heat.engine import environment, resources, stack, template  # noqa: E402

cfg.CONF(["--config-file", "/dev/null"], project="heat", default_config_files=[])
cfg.CONF.set_override("max_nested_stack_depth", 7)
cfg.CONF.set_override("max_resources_per_stack", -1)
cfg.CONF.set_override("max_template_size", 100_000_000)
messaging.setup("fake://", optional=True)
resources.initialise()
job = json.load(sys.stdin)


def cpu_ms(work):
    start = time.process_time()
    work()
    return round((time.process_time() - start) * 1000)


def check():
    parsed = template.Template(template_format.parse(job["template"]), files=job["files"])
    parsed.env = environment.Environment(job["environment"])
    stack.Stack(context.RequestContext.from_dict({"tenant_id": "p", "username": "u"}), "bench", parsed).validate()


figures = {
    "parse": cpu_ms(lambda: [template_format.simple_parse(text) for text in job["files"].values()]),
    "check": cpu_ms(check),
}
figures["megabytes"] = round(usage.getrusage(usage.RUSAGE_SELF).ru_maxrss / 1000)
print(json.dumps(figures))
