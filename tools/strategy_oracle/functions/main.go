// Reads calls of Go's functions as JSON lines and writes what they answer.
package main

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"os"
	"strconv"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/kubernetes/pkg/util/parsers"
)

type call struct {
	Function string `json:"function"`
	Text     string `json:"text"`
	Bytes    []byte `json:"bytes"`
}

type result struct {
	Error  string   `json:"error,omitempty"`
	Values []string `json:"values,omitempty"`
}

func outcome(err error, values ...string) result {
	if err != nil {
		return result{Error: err.Error()}
	}
	return result{Values: values}
}

func marshal(v any) string {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	if err := e.Encode(v); err != nil {
		return "!" + err.Error()
	}
	return string(bytes.TrimSuffix(out.Bytes(), []byte("\n")))
}

func answer(c call) result {
	switch c.Function {
	case "ParseInt":
		n, err := strconv.ParseInt(c.Text, 10, 64)
		return outcome(err, strconv.FormatInt(n, 10))
	case "Atoi":
		n, err := strconv.Atoi(c.Text)
		return outcome(err, strconv.Itoa(n))
	case "ParseDuration":
		d, err := time.ParseDuration(c.Text)
		return outcome(err, strconv.FormatInt(int64(d), 10))
	case "Duration.String":
		n, _ := strconv.ParseInt(c.Text, 10, 64)
		return outcome(nil, time.Duration(n).String())
	case "base64":
		_, err := base64.StdEncoding.DecodeString(c.Text)
		return outcome(err)
	case "Quote":
		return outcome(nil, strconv.Quote(c.Text))
	case "json.Marshal":
		return outcome(nil, marshal(c.Text))
	case "json.Unmarshal":
		d := json.NewDecoder(bytes.NewReader(c.Bytes))
		d.UseNumber()
		var v any
		if err := json.Unmarshal(c.Bytes, &v); err != nil {
			// a number that no float holds is fine to who keeps its literal
			if _, ok := err.(*json.UnmarshalTypeError); !ok {
				return outcome(err)
			}
		}
		err := d.Decode(&v)
		return outcome(err, marshal(v))
	case "Quantity":
		var q resource.Quantity
		if err := json.Unmarshal(c.Bytes, &q); err != nil {
			return outcome(err)
		}
		rounded := q.DeepCopy()
		rounded.RoundUp(resource.Milli)
		return outcome(nil, q.String(), rounded.String(), q.AsDec().String())
	case "IntOrString":
		var v intstr.IntOrString
		err := json.Unmarshal(c.Bytes, &v)
		return outcome(err, marshal(v))
	case "Time":
		var v metav1.Time
		err := json.Unmarshal(c.Bytes, &v)
		return outcome(err, marshal(v))
	case "cron":
		_, err := parsers.ParseCronScheduleWithPanicRecovery(c.Text)
		return outcome(err)
	case "ParseImageName":
		repo, tag, digest, err := parsers.ParseImageName(c.Text)
		return outcome(err, repo, tag, digest)
	}
	return result{Error: "no such function"}
}

func main() {
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 64<<20)
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	for in.Scan() {
		var c call
		if err := json.Unmarshal(in.Bytes(), &c); err != nil {
			panic(err)
		}
		if err := out.Encode(answer(c)); err != nil {
			panic(err)
		}
	}
}
