//go:build tools

// Names what go.mod is for, so that `go mod tidy` keeps it.
package cluster

import _ "k8s.io/kubernetes/cmd/kube-apiserver/app"
