# Debian's `openstack` command, kept running: reads argument lists as JSON lines, answers each with its status and output.
import contextlib
import io
import json
import logging
import os
import sys

from openstackclient.shell import OpenStackShell

answers = os.fdopen(os.dup(1), 'w', buffering=1)
questions = os.fdopen(os.dup(0))
# `image create` reads the image from standard input unless that is a terminal.
os.dup2(os.openpty()[1], 0)


class Session(OpenStackShell):
    NAME = 'openstack'

    def interact(self):
        complaints = io.StringIO()
        handler = logging.StreamHandler(complaints)
        handler.setLevel(logging.ERROR)
        logging.getLogger('').addHandler(handler)
        print(json.dumps({'ready': True}), file=answers)
        for line in questions:
            complaints.seek(0)
            complaints.truncate()
            output = io.StringIO()
            self.stdout = output
            self.stderr = complaints
            with contextlib.redirect_stdout(output), contextlib.redirect_stderr(complaints):
                try:
                    status = self.run_subcommand(json.loads(line))
                except BaseException as error:  # argparse leaves through SystemExit and its kin
                    print(error, file=complaints)
                    status = 2
            print(json.dumps({'status': status, 'stdout': output.getvalue(), 'stderr': complaints.getvalue()}), file=answers)
        return 0


sys.exit(Session().run(sys.argv[1:]))
