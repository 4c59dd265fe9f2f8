// Answers, for each line of JSON {"pod": ..., "level": ..., "version": ...} on standard input, with the aggregate
// that upstream's own library gives: {"allowed", "reason", "detail"}, or {"error"}. Nothing is defaulted.
package main

import (
	"bufio"
	"encoding/json"
	"os"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

type question struct {
	Pod     corev1.Pod `json:"pod"`
	Level   string     `json:"level"`
	Version string     `json:"version"`
}

type answer struct {
	Allowed bool   `json:"allowed"`
	Reason  string `json:"reason"`
	Detail  string `json:"detail"`
	Error   string `json:"error,omitempty"`
}

func judge(evaluator policy.Evaluator, line []byte) answer {
	var q question
	if err := json.Unmarshal(line, &q); err != nil {
		return answer{Error: err.Error()}
	}
	level, err := api.ParseLevel(q.Level)
	if err != nil {
		return answer{Error: err.Error()}
	}
	version, err := api.ParseVersion(q.Version)
	if err != nil {
		return answer{Error: err.Error()}
	}
	results := evaluator.EvaluatePod(api.LevelVersion{Level: level, Version: version}, &q.Pod.ObjectMeta, &q.Pod.Spec)
	all := policy.AggregateCheckResults(results)
	if all.Allowed {
		return answer{Allowed: true}
	}
	return answer{Reason: all.ForbiddenReason(), Detail: all.ForbiddenDetail()}
}

func main() {
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		panic(err)
	}
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for {
		line, err := in.ReadBytes('\n')
		if len(line) > 1 {
			if e := encoder.Encode(judge(evaluator, line)); e != nil {
				panic(e)
			}
		}
		if err != nil {
			return
		}
	}
}
