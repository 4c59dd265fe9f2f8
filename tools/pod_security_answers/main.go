package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

type span struct {
	Since   int      `json:"since"`
	Reasons []string `json:"violations"`
}

func main() {
	ev, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		panic(err)
	}
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(make([]byte, 1<<20), 1<<24)
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	for in.Scan() {
		var pod corev1.Pod
		if err := json.Unmarshal(in.Bytes(), &pod); err != nil {
			panic(fmt.Sprint(err, in.Text()))
		}
		res := map[string][]span{}
		for _, level := range []api.Level{api.LevelBaseline, api.LevelRestricted} {
			last := ""
			for minor := 0; minor <= 37; minor++ {
				lv := api.LevelVersion{Level: level, Version: api.MajorMinorVersion(1, minor)}
				results := ev.EvaluatePod(lv, &pod.ObjectMeta, &pod.Spec)
				texts := []string{}
				for _, r := range results {
					if !r.Allowed {
						t := r.ForbiddenReason
						if r.ForbiddenDetail != "" {
							t += " (" + r.ForbiddenDetail + ")"
						}
						texts = append(texts, t)
					}
				}
				b, _ := json.Marshal(texts)
				if string(b) != last {
					res[string(level)] = append(res[string(level)], span{minor, texts})
					last = string(b)
				}
			}
		}
		out.Encode(res)
	}
}
