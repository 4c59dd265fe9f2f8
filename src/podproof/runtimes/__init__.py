"""A port: pods as the kubelet hands them over come in; running containers and what is seen of them go out."""
