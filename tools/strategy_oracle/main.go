// Reads requests as JSON lines and writes what the strategies of Kubernetes answer: decoding, defaulting, validation.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	genericapirequest "k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/apiserver/pkg/registry/rest"
	"k8s.io/apiserver/pkg/warning"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	_ "k8s.io/kubernetes/pkg/apis/apps/install"
	_ "k8s.io/kubernetes/pkg/apis/batch/install"
	_ "k8s.io/kubernetes/pkg/apis/core/install"
	"k8s.io/kubernetes/pkg/capabilities"
	"k8s.io/kubernetes/pkg/registry/apps/daemonset"
	"k8s.io/kubernetes/pkg/registry/apps/deployment"
	"k8s.io/kubernetes/pkg/registry/apps/replicaset"
	"k8s.io/kubernetes/pkg/registry/apps/statefulset"
	"k8s.io/kubernetes/pkg/registry/batch/cronjob"
	"k8s.io/kubernetes/pkg/registry/batch/job"
	"k8s.io/kubernetes/pkg/registry/core/pod"
	"k8s.io/kubernetes/pkg/registry/core/podtemplate"
	"k8s.io/kubernetes/pkg/registry/core/replicationcontroller"
)

type kind struct {
	gv       schema.GroupVersion
	resource string
	strategy rest.RESTCreateStrategy
	update   rest.RESTUpdateStrategy
}

var kinds = map[string]kind{
	"Pod":                   {schema.GroupVersion{Version: "v1"}, "pods", pod.Strategy, pod.Strategy},
	"PodTemplate":           {schema.GroupVersion{Version: "v1"}, "podtemplates", podtemplate.Strategy, podtemplate.Strategy},
	"ReplicationController": {schema.GroupVersion{Version: "v1"}, "replicationcontrollers", replicationcontroller.Strategy, replicationcontroller.Strategy},
	"Deployment":            {schema.GroupVersion{Group: "apps", Version: "v1"}, "deployments", deployment.Strategy, deployment.Strategy},
	"ReplicaSet":            {schema.GroupVersion{Group: "apps", Version: "v1"}, "replicasets", replicaset.Strategy, replicaset.Strategy},
	"DaemonSet":             {schema.GroupVersion{Group: "apps", Version: "v1"}, "daemonsets", daemonset.Strategy, daemonset.Strategy},
	"StatefulSet":           {schema.GroupVersion{Group: "apps", Version: "v1"}, "statefulsets", statefulset.Strategy, statefulset.Strategy},
	"Job":                   {schema.GroupVersion{Group: "batch", Version: "v1"}, "jobs", job.Strategy, job.Strategy},
	"CronJob":               {schema.GroupVersion{Group: "batch", Version: "v1"}, "cronjobs", cronjob.Strategy, cronjob.Strategy},
}

type request struct {
	Kind string          `json:"kind"`
	Body json.RawMessage `json:"body"`
	Old  json.RawMessage `json:"old,omitempty"`
	Sub  string          `json:"sub,omitempty"`
}

type answer struct {
	Code     int32                `json:"code"`
	Reason   metav1.StatusReason  `json:"reason,omitempty"`
	Message  string               `json:"message,omitempty"`
	Causes   []metav1.StatusCause `json:"causes,omitempty"`
	Warnings []string             `json:"warnings"`
	Object   json.RawMessage      `json:"object,omitempty"`
}

type recorder struct{ texts []string }

func (r *recorder) AddWarning(_, text string) {
	for _, t := range r.texts {
		if t == text {
			return
		}
	}
	r.texts = append(r.texts, text)
}

func decode(k kind, name string, body []byte) (runtime.Object, error) {
	codecs := serializer.NewCodecFactory(legacyscheme.Scheme, serializer.EnableStrict)
	info, _ := runtime.SerializerInfoForMediaType(codecs.SupportedMediaTypes(), "application/json")
	d := codecs.DecoderToVersion(info.StrictSerializer, schema.GroupVersion{Group: k.gv.Group, Version: runtime.APIVersionInternal})
	gvk := k.gv.WithKind(name)
	obj, _, err := d.Decode(body, &gvk, nil)
	return obj, err
}

func ask(q request) answer {
	k := kinds[q.Kind]
	rec := &recorder{texts: []string{}}
	ctx := warning.WithWarningRecorder(context.Background(), rec)
	ctx = genericapirequest.WithNamespace(ctx, "default")
	ctx = genericapirequest.WithRequestInfo(ctx, &genericapirequest.RequestInfo{IsResourceRequest: true, APIGroup: k.gv.Group, APIVersion: k.gv.Version, Resource: k.resource, Verb: "create", Namespace: "default", Subresource: q.Sub})
	obj, err := decode(k, q.Kind, q.Body)
	if err != nil {
		return answer{Code: 400, Message: fmt.Sprintf("%s in version %q cannot be handled as a %s: %v", q.Kind, k.gv.Version, q.Kind, err), Reason: "BadRequest", Warnings: rec.texts}
	}
	meta, err := apimeta.Accessor(obj)
	if err != nil {
		panic(err)
	}
	if len(q.Old) > 0 {
		old, err2 := decode(k, q.Kind, q.Old)
		if err2 != nil {
			return answer{Code: 400, Message: "old: " + err2.Error(), Warnings: rec.texts}
		}
		u := k.update
		switch q.Sub {
		case "resize":
			u = pod.ResizeStrategy
		case "ephemeralcontainers":
			u = pod.EphemeralContainersStrategy
		case "status":
			u = pod.StatusStrategy
		}
		err = rest.BeforeUpdate(u, ctx, obj, old)
	} else {
		rest.WipeObjectMetaSystemFields(meta)
		rest.FillObjectMetaSystemFields(meta)
		meta.SetUID("00000000-0000-0000-0000-000000000000")
		if len(meta.GetGenerateName()) > 0 && len(meta.GetName()) == 0 {
			meta.SetName(k.strategy.GenerateName(meta.GetGenerateName()))
		}
		err = rest.BeforeCreate(k.strategy, ctx, obj)
	}
	if err != nil {
		s, ok := err.(apierrors.APIStatus)
		if !ok {
			return answer{Code: 500, Message: err.Error(), Warnings: rec.texts}
		}
		st := s.Status()
		a := answer{Code: st.Code, Reason: st.Reason, Message: st.Message, Warnings: rec.texts}
		if st.Details != nil {
			a.Causes = st.Details.Causes
		}
		return a
	}
	text, err := runtime.Encode(legacyscheme.Codecs.LegacyCodec(k.gv), obj)
	if err != nil {
		return answer{Code: 500, Message: err.Error(), Warnings: rec.texts}
	}
	return answer{Code: 201, Warnings: rec.texts, Object: json.RawMessage(strings.TrimSpace(string(text)))}
}

func safely(q request) (a answer) {
	defer func() {
		if r := recover(); r != nil {
			a = answer{Code: 599, Message: fmt.Sprint(r)}
		}
	}()
	return ask(q)
}

func main() {
	capabilities.Setup(true, 0)
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 64<<20)
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	for in.Scan() {
		var q request
		if err := json.Unmarshal(in.Bytes(), &q); err != nil {
			panic(err)
		}
		if err := out.Encode(safely(q)); err != nil {
			panic(err)
		}
	}
}
