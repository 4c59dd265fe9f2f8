"""The pipeline of `init`: what a folder contains comes in, a proposed configuration goes out."""
