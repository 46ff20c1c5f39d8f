"""Rendering, training, exporting and measuring Lictor's two networks."""
