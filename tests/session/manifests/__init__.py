"""Tests of what installs the webhook."""
