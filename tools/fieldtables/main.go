// Command fieldtables prints what the API's types look like to a decoder, as one JSON object.
//
// It walks the workload kinds of k8s.io/api by reflection. "structs" maps a type's name to its fields, in the
// order in which they are declared; "named" maps a type that is no struct to what it is made of; "kinds" maps
// group/version to its kinds, and the ones worth walking to their types. It reads nothing and takes no
// arguments.
package main

import (
	"encoding"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"sort"
	"strings"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	appsv1 "k8s.io/api/apps/v1"
	appsv1beta1 "k8s.io/api/apps/v1beta1"
	appsv1beta2 "k8s.io/api/apps/v1beta2"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	batchv1beta1 "k8s.io/api/batch/v1beta1"
	certificatesv1 "k8s.io/api/certificates/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	eventsv1 "k8s.io/api/events/v1"
	extensionsv1beta1 "k8s.io/api/extensions/v1beta1"
	networkingv1 "k8s.io/api/networking/v1"
	nodev1 "k8s.io/api/node/v1"
	policyv1 "k8s.io/api/policy/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	schedulingv1 "k8s.io/api/scheduling/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// field is one key of a struct: its name on the wire, its type, the embedded structs that it stands in, and
// whether an encoder leaves out an empty value.
type field struct {
	Name      string   `json:"name"`
	Type      string   `json:"type"`
	Embedded  []string `json:"embedded,omitempty"`
	OmitEmpty bool     `json:"omitempty,omitempty"`
	OmitZero  bool     `json:"omitzero,omitempty"`
}

type output struct {
	Structs map[string][]field           `json:"structs"`
	Named   map[string]string            `json:"named"`
	Kinds   map[string]map[string]string `json:"kinds"`
	Known   map[string][]string          `json:"known"`
}

var workloads = map[string]bool{
	"Pod": true, "PodTemplate": true, "Deployment": true, "ReplicaSet": true, "ReplicationController": true,
	"StatefulSet": true, "DaemonSet": true, "Job": true, "CronJob": true,
}

var (
	unmarshaler     = reflect.TypeFor[json.Unmarshaler]()
	textUnmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()
)

var out = output{
	Structs: map[string][]field{},
	Named:   map[string]string{},
	Kinds:   map[string]map[string]string{},
	Known:   map[string][]string{},
}

// name writes a type with enough of its package to tell core/v1 from apps/v1; what follows the last slash is
// what Go prints in an error.
func name(t reflect.Type) string {
	switch {
	case t.Name() != "" && t.PkgPath() == "":
		return t.Name()
	case t.Name() != "":
		path := strings.Split(t.PkgPath(), "/")
		last := path[len(path)-1]
		if t.String() != last+"."+t.Name() {
			panic("package " + t.PkgPath() + " is printed otherwise: " + t.String())
		}
		if last[0] == 'v' && len(last) > 1 && last[1] <= '9' {
			last = path[len(path)-2] + "/" + last
		}
		return last + "." + t.Name()
	case t.Kind() == reflect.Pointer:
		return "*" + name(t.Elem())
	case t.Kind() == reflect.Slice:
		return "[]" + name(t.Elem())
	case t.Kind() == reflect.Map:
		return "map[" + name(t.Key()) + "]" + name(t.Elem())
	}
	panic("a type that tables cannot tell: " + t.String())
}

func walk(t reflect.Type) {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice:
		if t.Name() == "" {
			walk(t.Elem())
			return
		}
	case reflect.Map:
		if t.Name() == "" {
			walk(t.Key())
			walk(t.Elem())
			return
		}
	}
	if t.Name() == "" || t.PkgPath() == "" {
		return
	}
	own := name(t)
	if _, done := out.Structs[own]; done {
		return
	}
	if _, done := out.Named[own]; done {
		return
	}
	pointer := reflect.PointerTo(t)
	switch {
	case pointer.Implements(unmarshaler):
		out.Named[own] = "special"
	case pointer.Implements(textUnmarshaler):
		panic("a text unmarshaler: " + own)
	case t.Kind() == reflect.Struct:
		out.Structs[own] = []field{}
		out.Structs[own] = fields(t, nil)
	case t.Kind() == reflect.Slice:
		out.Named[own] = "[]" + name(t.Elem())
		walk(t.Elem())
	case t.Kind() == reflect.Map:
		out.Named[own] = "map[" + name(t.Key()) + "]" + name(t.Elem())
		walk(t.Key())
		walk(t.Elem())
	default:
		out.Named[own] = t.Kind().String()
	}
}

func fields(t reflect.Type, embedded []string) []field {
	var all []field
	for i := range t.NumField() {
		one := t.Field(i)
		tag, options, _ := strings.Cut(one.Tag.Get("json"), ",")
		if tag == "-" || !one.IsExported() {
			continue
		}
		if one.Anonymous && tag == "" {
			if one.Type.Kind() != reflect.Struct {
				panic("an embedded pointer: " + t.String() + "." + one.Name)
			}
			inner := append(append([]string{}, embedded...), one.Name)
			all = append(all, fields(one.Type, inner)...)
			continue
		}
		if tag == "" {
			tag = one.Name
		}
		if strings.Contains(options, "string") {
			panic("a quoted field: " + t.String() + "." + one.Name)
		}
		all = append(all, field{
			Name:      tag,
			Type:      name(one.Type),
			Embedded:  embedded,
			OmitEmpty: strings.Contains(options, "omitempty"),
			OmitZero:  strings.Contains(options, "omitzero"),
		})
		walk(one.Type)
	}
	return all
}

func main() {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{
		admissionregistrationv1.AddToScheme, appsv1.AddToScheme, appsv1beta1.AddToScheme,
		appsv1beta2.AddToScheme, autoscalingv1.AddToScheme, autoscalingv2.AddToScheme, batchv1.AddToScheme,
		batchv1beta1.AddToScheme, certificatesv1.AddToScheme, coordinationv1.AddToScheme, corev1.AddToScheme,
		discoveryv1.AddToScheme, eventsv1.AddToScheme, extensionsv1beta1.AddToScheme, networkingv1.AddToScheme,
		nodev1.AddToScheme, policyv1.AddToScheme, rbacv1.AddToScheme, schedulingv1.AddToScheme,
		storagev1.AddToScheme,
	} {
		if err := add(scheme); err != nil {
			panic(err)
		}
	}
	for kind, t := range scheme.AllKnownTypes() {
		if kind.Version == runtime.APIVersionInternal {
			continue
		}
		version := kind.GroupVersion().String()
		out.Known[version] = append(out.Known[version], kind.Kind)
		if !workloads[strings.TrimSuffix(kind.Kind, "List")] {
			continue
		}
		if out.Kinds[version] == nil {
			out.Kinds[version] = map[string]string{}
		}
		out.Kinds[version][kind.Kind] = name(t)
		walk(t)
	}
	for _, kinds := range out.Known {
		sort.Strings(kinds)
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(out); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
