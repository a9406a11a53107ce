"""Embers for programs that speak the Model Context Protocol: `embers mcp`. It needs the extra `mcp`."""
