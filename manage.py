#!/usr/bin/env python
"""Django's commands, where a tool expects this file: ``soroka manage`` is the same."""

import os
import sys

from django.core.management import execute_from_command_line

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "soroka.config.settings")
execute_from_command_line(sys.argv)
