//go:build tools

package tools

import _ "k8s.io/pod-security-admission/cmd/webhook"
