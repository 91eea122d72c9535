"""Processes that have imported ahead: a command, or a tester, starts as a fork of one."""
